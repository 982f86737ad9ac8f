"""The whole stack, once per session; tests that stop a part of it start it again."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from api import Api
from definitions import World
from signing import Signer
from stack import HOST, Stack, load_data, redis_program, running_servers
from superuser import Superuser

from flowdb.testing import RunningFlowDB, RunningRedis, free_port


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer()


@pytest.fixture(scope="session")
def loaded_flowdb(flowdb_cluster: RunningFlowDB) -> RunningFlowDB:
    """Return a FlowDB with data."""
    load_data(flowdb_cluster)
    return flowdb_cluster


@pytest.fixture(scope="session")
def stack(
    loaded_flowdb: RunningFlowDB, signer: Signer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Yield the stack; whatever a test did to it, each part runs when the next one begins."""
    logs = tmp_path_factory.mktemp("logs")
    redis = RunningRedis(host=HOST, port=free_port())
    with (
        redis_program(redis, logs / "redis.log") as redis_process,
        running_servers(loaded_flowdb, redis, signer.public_key, logs, "main") as servers,
    ):
        yield Stack(servers, loaded_flowdb, redis, redis_process, signer.public_key, logs)


@pytest.fixture(scope="session")
def stack_url(stack: Stack) -> str:
    """Return where FlowAPI answers."""
    return stack.url


@pytest.fixture(scope="session")
def all_scopes(stack: Stack) -> list[str]:
    """Return every scope that the server says it grants."""
    document = httpx.get(f"{stack.url}/api/0/spec/openapi.json", timeout=30).json()
    scopes: list[str] = document["components"]["securitySchemes"]["token"]["x-security-scopes"]
    return scopes


@pytest.fixture(scope="session")
def token(signer: Signer, all_scopes: list[str]) -> str:
    """Return a token that allows everything."""
    return signer.token({"everything": all_scopes})


@pytest.fixture(scope="session")
def api(stack: Stack, token: str) -> Iterator[Api]:
    """Yield FlowAPI with a token that allows everything."""
    api = Api(stack.url, {"Authorization": f"Bearer {token}"})
    yield api
    api.client.close()


@pytest.fixture(scope="session")
def world(loaded_flowdb: RunningFlowDB) -> World:
    """Return what every query means on the data of this session."""
    return World(loaded_flowdb.dsn())


@pytest.fixture
def superuser(stack: Stack) -> Iterator[Superuser]:
    """Yield what only FlowDB's superuser can do."""
    with contextlib.closing(Superuser(stack.flowdb.dsn())) as superuser:
        yield superuser


@pytest.fixture(scope="session")
def reference_client() -> Path:
    """Return the interpreter whose environment holds the published client."""
    return Path(__file__).resolve().parents[1] / "reference_client" / ".venv" / "bin" / "python"
