"""Fixtures with a real FlowDB and a real Redis, for the tests of every component.

Use with ``pytest_plugins = ["flowdb.testing"]`` in the conftest at the root of the tests.
"""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from flowdb.cluster import Cluster
from flowdb.settings import DATABASE, ServerSettings


def free_port() -> int:
    """Return a port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class RunningFlowDB:
    """A FlowDB of a test session.

    Attributes
    ----------
    host, port
        Where it answers.
    superuser, flowmachine_user, flowapi_user
        The names of the roles.
    superuser_password, flowmachine_password, flowapi_password
        Their passwords.
    data_directory
        The files of the cluster.
    """

    host: str
    port: int
    data_directory: Path
    superuser: str = "flowdb"
    flowmachine_user: str = "flowmachine"
    flowapi_user: str = "flowapi"
    superuser_password: str = field(default_factory=secrets.token_urlsafe, repr=False)
    flowmachine_password: str = field(default_factory=secrets.token_urlsafe, repr=False)
    flowapi_password: str = field(default_factory=secrets.token_urlsafe, repr=False)

    def dsn(self, role: str = "flowdb") -> str:
        """Return a libpq URL for ``flowdb`` (the superuser), ``flowmachine`` or ``flowapi``."""
        password = {
            "flowdb": self.superuser_password,
            "flowmachine": self.flowmachine_password,
            "flowapi": self.flowapi_password,
        }[role]
        return f"postgresql://{role}:{quote(password, safe='')}@{self.host}:{self.port}/{DATABASE}"

    def environment(self) -> dict[str, str]:
        """Return the variables that point FlowKit's services at this database."""
        return {
            "FLOWDB_HOST": self.host,
            "FLOWDB_PORT": str(self.port),
            "POSTGRES_USER": self.superuser,
            "FLOWDB_POSTGRES_PASSWORD": self.superuser_password,
            "POSTGRES_PASSWORD": self.superuser_password,
            "FLOWMACHINE_FLOWDB_USER": self.flowmachine_user,
            "FLOWMACHINE_FLOWDB_PASSWORD": self.flowmachine_password,
            "FLOWAPI_FLOWDB_USER": self.flowapi_user,
            "FLOWAPI_FLOWDB_PASSWORD": self.flowapi_password,
            "PGDATA": str(self.data_directory),
        }

    def settings(self, **changes: object) -> ServerSettings:
        """Return server settings for this database: small, and fast rather than durable."""
        values: dict[str, object] = {
            **self.environment(),
            "SHARED_BUFFERS_SIZE": "128MB",
            "MAX_LOCKS_PER_TRANSACTION": 256,
            "FLOWDB_MAX_CONNECTIONS": 100,
            "STATS_TARGET": 100,
            "FLOWDB_LOG_DEST": "stderr",
            "FLOWDB_LISTEN_ADDRESSES": "127.0.0.1",
            "FLOWDB_DURABLE": False,
        }
        return ServerSettings.model_validate(values | changes)


@contextlib.contextmanager
def server_directory(prefix: str) -> Iterator[Path]:
    """Yield a short-named temporary directory another system user may enter; it is always removed."""
    directory = Path(tempfile.mkdtemp(prefix=prefix))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def running_flowdb(**changes: object) -> Iterator[RunningFlowDB]:
    """Make a FlowDB in a temporary directory, serve it, and remove it at the end.

    Parameters
    ----------
    **changes : object
        Settings, by their environment variables, that differ from those of tests.
    """
    with server_directory("flowdb-test-") as directory:
        flowdb = RunningFlowDB(host="127.0.0.1", port=free_port(), data_directory=directory / "data")
        settings = flowdb.settings(**changes)
        cluster = Cluster(settings)
        try:
            cluster.prepare(settings)
            cluster.start(settings)
            yield flowdb
        finally:
            cluster.stop()


@pytest.fixture(scope="session")
def flowdb_cluster() -> Iterator[RunningFlowDB]:
    """Yield a migrated FlowDB with its roles, on a port of its own, for the whole session."""
    with running_flowdb() as flowdb:
        yield flowdb


@pytest.fixture(scope="session")
def flowdb_testdata() -> Iterator[RunningFlowDB]:
    """Yield a FlowDB with the test data set, on a port of its own, for the whole session.

    Tests share it: whoever changes rows puts them back.
    """
    # What makes the data takes a second to import, which tests without it need not wait for.
    from flowdb.testdata import load_test_data

    with running_flowdb() as flowdb:
        load_test_data(flowdb.settings())
        yield flowdb


@dataclass(frozen=True)
class RunningRedis:
    """A Redis of a test session: where it answers and its password."""

    host: str
    port: int
    password: str = field(default_factory=secrets.token_urlsafe, repr=False)

    def environment(self) -> dict[str, str]:
        """Return the variables that point FlowKit's services at this Redis."""
        return {"REDIS_HOST": self.host, "REDIS_PORT": str(self.port), "REDIS_PASSWORD": self.password}


def _redis_answers(redis: RunningRedis) -> bool:
    try:
        with socket.create_connection((redis.host, redis.port), timeout=1) as probe:
            probe.sendall(b"PING\r\n")
            # Without the password the answer is a refusal; either way the server is up.
            return probe.recv(16) != b""
    except OSError:
        return False


@contextlib.contextmanager
def running_redis() -> Iterator[RunningRedis]:
    """Run a private Redis that keeps nothing on disk."""
    with server_directory("redis-test-") as directory:
        redis = RunningRedis(host="127.0.0.1", port=free_port())
        # The configuration goes through a pipe: a command line is visible to every user.
        text = (
            f"bind {redis.host}\nport {redis.port}\nrequirepass {redis.password}\n"
            f'dir {directory}\nsave ""\nappendonly no\ndaemonize no\n'
        )
        with subprocess.Popen(
            ["redis-server", "-"],  # noqa: S607
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"]},
        ) as server:
            try:
                assert server.stdin is not None  # noqa: S101
                server.stdin.write(text.encode())
                server.stdin.close()
                deadline = time.monotonic() + 10
                while not _redis_answers(redis):
                    if server.poll() is not None or time.monotonic() > deadline:
                        raise RuntimeError("redis-server did not start")
                    time.sleep(0.02)
                yield redis
            finally:
                server.terminate()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RunningRedis]:
    """Yield a private Redis with a password, for the whole session."""
    with running_redis() as redis:
        yield redis
