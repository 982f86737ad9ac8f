"""FlowKit as the tests run it: FlowDB, Redis, FlowMachine and FlowAPI, on ports of their own."""

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from programs import Program, console_script, plain_environment
from signing import AUDIENCE

from flowdb.cluster import Cluster
from flowdb.testing import RunningFlowDB, RunningRedis, free_port, server_directory

HOST = "127.0.0.1"
FLOWMACHINE_TIMEOUT = 4
"""Seconds that FlowAPI waits for a reply of FlowMachine."""

DATA = {
    "SYNTHETIC_DATA_GENERATOR": "python",
    "N_TACS": "200",
    "SUBSCRIBERS_SEED": "12345",
    "CELLS_SEED": "99999",
    "START_DATE": "2016-01-01",
    "N_DAYS": "4",
    "N_SUBSCRIBERS": "2500",
    "N_CALLS": "6000",
    "N_SMS": "3000",
    "N_SITES": "60",
    "N_CELLS": "150",
}


def listens(port: int) -> bool:
    """Tell whether something takes connections at a port."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def load_data(flowdb: RunningFlowDB, **changes: str) -> None:
    """Fill a FlowDB with regions and some days of synthetic events, as ``DATA`` and `changes` say."""
    subprocess.run(
        [console_script("flowdb", "flowdb"), "generate"],
        env=plain_environment({**flowdb.environment(), **DATA, **changes}),
        check=True,
        capture_output=True,
        timeout=120,
    )


@contextlib.contextmanager
def redis_program(redis: RunningRedis, log: Path) -> Iterator[Program]:
    """Run a Redis that can be stopped and started; it keeps nothing on disk."""
    with server_directory("redis-test-") as directory:
        configuration = (
            f"bind {redis.host}\nport {redis.port}\nrequirepass {redis.password}\n"
            f'dir {directory}\nsave ""\nappendonly no\ndaemonize no\n'
        )
        program = Program(["redis-server", "-"], {}, log, lambda: listens(redis.port), configuration)
        program.start()
        try:
            yield program
        finally:
            program.stop()


@dataclass(frozen=True)
class Servers:
    """A FlowMachine, and the FlowAPI that asks it.

    Attributes
    ----------
    url
        Where FlowAPI answers.
    flowmachine, flowapi
        The two programs.
    """

    url: str
    flowmachine: Program
    flowapi: Program


def flowmachine_program(
    flowdb: RunningFlowDB, redis: RunningRedis, port: int, log: Path, **more: str
) -> Program:
    """Return FlowMachine at a port, with `more` in its environment."""
    return Program(
        [console_script("flowmachine", "flowmachine")],
        {
            **flowdb.environment(),
            **redis.environment(),
            "FLOWMACHINE_BIND_HOST": HOST,
            "FLOWMACHINE_PORT": str(port),
            "FLOWMACHINE_LOG_LEVEL": "debug",
            **more,
        },
        log,
        lambda: listens(port),
    )


def flowapi_program(
    flowdb: RunningFlowDB, flowmachine_port: int, public_key: str, port: int, log: Path, **more: str
) -> Program:
    """Return FlowAPI at a port, which asks the FlowMachine at another, with `more` in its environment."""
    return Program(
        [console_script("flowapi", "flowapi")],
        {
            **flowdb.environment(),
            "FLOWMACHINE_HOST": HOST,
            "FLOWMACHINE_PORT": str(flowmachine_port),
            "FLOWAPI_HOST": HOST,
            "FLOWAPI_PORT": str(port),
            "FLOWAPI_IDENTIFIER": AUDIENCE,
            "PUBLIC_JWT_SIGNING_KEY": public_key,
            "FLOWAPI_LOG_LEVEL": "debug",
            "FLOWAPI_FLOWMACHINE_TIMEOUT": str(FLOWMACHINE_TIMEOUT),
            **more,
        },
        log,
        lambda: listens(port),
    )


@contextlib.contextmanager
def running_servers(
    flowdb: RunningFlowDB, redis: RunningRedis, public_key: str, logs: Path, name: str, **more: str
) -> Iterator[Servers]:
    """Run FlowMachine, and FlowAPI with `more` in its environment, on a FlowDB and a Redis that are there."""
    flowmachine_port, flowapi_port = free_port(), free_port()
    flowmachine = flowmachine_program(flowdb, redis, flowmachine_port, logs / f"flowmachine-{name}.log")
    flowapi = flowapi_program(
        flowdb, flowmachine_port, public_key, flowapi_port, logs / f"flowapi-{name}.log", **more
    )
    try:
        flowmachine.start()
        flowapi.start()
        yield Servers(f"http://{HOST}:{flowapi_port}", flowmachine, flowapi)
    finally:
        flowapi.stop()
        flowmachine.stop()


@dataclass(frozen=True)
class Stack:
    """Everything that runs.

    Attributes
    ----------
    servers
        FlowMachine and FlowAPI.
    flowdb, redis
        Where they are, and their passwords.
    redis_program
        Redis as a program that can be stopped.
    public_key
        The key that FlowAPI checks tokens with.
    logs
        Where the programs write.
    """

    servers: Servers
    flowdb: RunningFlowDB
    redis: RunningRedis
    redis_program: Program
    public_key: str
    logs: Path

    @property
    def url(self) -> str:
        """Return where FlowAPI answers."""
        return self.servers.url

    def stop_flowdb(self) -> None:
        """Stop the database."""
        Cluster(self.flowdb.settings()).stop()

    def start_flowdb(self) -> None:
        """Start the database again."""
        Cluster(self.flowdb.settings()).start(self.flowdb.settings())

    def is_well(self) -> bool:
        """Ask FlowAPI whether everything it needs answers."""
        return httpx.get(f"{self.url}/api/0/health", timeout=10).status_code == 200
