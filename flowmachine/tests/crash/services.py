"""What is killed: a FlowDB, a Redis and two FlowMachine servers, each started again as by a supervisor."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import redis
import sqlalchemy as sa

from flowdb.testing import RunningFlowDB, RunningRedis, free_port
from flowmachine.core.settings import ConnectionSettings

LEASE = 2
PATIENCE = 60
"""Seconds for which a service may be away before the suite itself gives up."""


class Redis:
    """A Redis that survives its own death, with its data or without."""

    def __init__(self, directory: Path) -> None:
        self.running = RunningRedis("127.0.0.1", free_port(), secrets.token_urlsafe())
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._directory.mkdir(exist_ok=True)
        running = self.running
        # Written through with every command, so that what was said to a client is there after a SIGKILL.
        text = (
            f"bind {running.host}\nport {running.port}\nrequirepass {running.password}\n"
            f'dir {self._directory}\nsave ""\nappendonly yes\nappendfsync always\ndaemonize no\n'
        )
        self._process = subprocess.Popen(
            ["redis-server", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode())
        self._process.stdin.close()
        deadline = time.monotonic() + PATIENCE
        with redis.Redis(running.host, running.port, password=running.password) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    if self._process.poll() is not None or time.monotonic() > deadline:
                        raise
                    time.sleep(0.02)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def lose_everything(self) -> None:
        shutil.rmtree(self._directory)


class Server:
    """A FlowMachine server: killed, it starts again at the same address."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port = free_port()
        self._environment = {
            "PATH": os.environ["PATH"],
            **environment,
            "FLOWMACHINE_PORT": str(self.port),
            "FLOWMACHINE_BIND_HOST": "127.0.0.1",
            "FLOWMACHINE_LEASE": str(LEASE),
            "FLOWMACHINE_LOG_LEVEL": "info",
        }
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def start(self) -> None:
        script = Path(sys.executable).parent / "flowmachine"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [script], env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )

    @property
    def ended(self) -> int | None:
        """The exit code of a server that has ended without being killed by the suite."""
        assert self._process is not None
        return self._process.poll()

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()


class Services:
    """All of them, and how each kind dies.

    Parameters
    ----------
    flowdb : RunningFlowDB
        Durable, as in production.
    directory : pathlib.Path
        For the files of Redis and the logs of the servers.
    """

    def __init__(self, flowdb: RunningFlowDB, directory: Path) -> None:
        self.flowdb = flowdb
        self.redis = Redis(directory / "redis")
        self.environment = {**flowdb.environment(), **self.redis.running.environment()}
        narrow = {"DB_CONNECTION_POOL_SIZE": "1", "DB_CONNECTION_POOL_OVERFLOW": "0"}
        self.servers = [
            Server(self.environment | {"DB_CONNECTION_POOL_SIZE": "4"}, directory / "server-0.log"),
            Server(self.environment | narrow, directory / "server-1.log"),
        ]
        self.settings = ConnectionSettings.model_validate(
            self.environment | {"FLOWMACHINE_LEASE": str(LEASE)}
        )
        self.superuser = self.engine("flowdb")
        self.pins_lost = 0
        """How often sessions of FlowDB, and the pins that they held, may have gone."""
        self._lock = threading.Lock()

    def engine(self, role: str) -> sa.Engine:
        """Return an engine that connects anew each time: sessions do not outlive a crash."""
        url = self.flowdb.dsn(role).replace("postgresql://", "postgresql+psycopg2://")
        return sa.create_engine(url, poolclass=sa.NullPool)

    def start(self) -> None:
        self.redis.start()
        for server in self.servers:
            server.start()

    def stop(self) -> None:
        for server in self.servers:
            server.kill()
        self.redis.kill()

    def kill_server(self, number: int) -> None:
        with self._lock:
            self.pins_lost += 1
            self.servers[number].kill()
            self.servers[number].start()

    def kill_backend(self, choice: float) -> bool:
        """Kill a PostgreSQL process that serves FlowMachine, rather one at work; false if there is none."""
        backends = sa.table(
            "pg_stat_activity", *map(sa.column, ("pid", "usename", "state")), schema="pg_catalog"
        )
        found = (
            sa.select(backends.c.pid)
            .where(backends.c.usename == "flowmachine")
            .order_by(backends.c.state != "active", backends.c.pid)
        )
        try:
            with self.superuser.connect() as connection:
                pids = connection.execute(found).scalars().all()
        except sa.exc.OperationalError:  # it is recovering already
            return False
        if not pids:
            return False
        with self._lock:
            self.pins_lost += 1
            os.kill(pids[int(choice**2 * len(pids))], signal.SIGKILL)
        return True

    def kill_redis(self, *, with_data: bool) -> None:
        with self._lock:
            self.redis.kill()
            if not with_data:
                self.redis.lose_everything()
            self.redis.start()
