"""FlowAPI and FlowMachine with keys, given as secrets: who has none is told so at once, and asks nothing."""

import contextlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from api import Api
from programs import Program, console_script
from specs import aggregate, daily
from stack import HOST, Stack, flowapi_program, flowmachine_program

from flowdb.testing import free_port

SERVER_SECRET = "FLOWMACHINE_CURVE_SERVER_SECRET_KEY"
SERVER_PUBLIC = "FLOWMACHINE_CURVE_SERVER_PUBLIC_KEY"
CLIENT_SECRET = "FLOWMACHINE_CURVE_CLIENT_SECRET_KEY"
CLIENT_PUBLICS = "FLOWMACHINE_CURVE_CLIENT_PUBLIC_KEYS"
WITHOUT = "it speaks without keys, or to a server with another key"
ANSWER_SECONDS = 5.0


def make_keys(directory: Path) -> Path:
    """Have FlowMachine make keys, as an operator does."""
    command = [str(console_script("flowmachine", "flowmachine")), "keys", str(directory)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return directory


def secrets(directory: Path, *keys: Path) -> Path:
    """Return a directory with some of the keys, as a container's secrets."""
    directory.mkdir()
    for file in keys:
        shutil.copy(file, directory)
    return directory


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_keys(tmp_path_factory.mktemp("keys") / "made")


@dataclass(frozen=True)
class Secured:
    """A FlowMachine that asks for keys.

    Attributes
    ----------
    port
        Where it answers.
    program
        The server.
    """

    port: int
    program: Program


@pytest.fixture(scope="module")
def flowmachine(stack: Stack, keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """Yield a FlowMachine whose secrets are keys, on the FlowDB and the Redis of the others."""
    directory = tmp_path_factory.mktemp("server")
    of_server = secrets(directory / "secrets", keys / SERVER_SECRET, keys / CLIENT_PUBLICS)
    port = free_port()
    program = flowmachine_program(
        stack.flowdb, stack.redis, port, directory / "log", FLOWKIT_SECRETS_DIR=str(of_server)
    )
    try:
        program.start()
        yield Secured(port, program)
    finally:
        program.stop()


@contextlib.contextmanager
def flowapi(stack: Stack, port: int, directory: Path, *keys: Path) -> Iterator[tuple[str, Program]]:
    """Run a FlowAPI that has some keys; yield its address and the program."""
    own_port = free_port()
    program = flowapi_program(
        stack.flowdb, port, stack.public_key, own_port, directory / "log",
        FLOWKIT_SECRETS_DIR=str(secrets(directory / "secrets", *keys)),
    )  # fmt: skip
    try:
        program.start()
        yield f"http://{HOST}:{own_port}", program
    finally:
        program.stop()


def test_who_has_the_keys_runs_queries(
    stack: Stack, flowmachine: Secured, keys: Path, token: str, tmp_path: Path
) -> None:
    with flowapi(stack, flowmachine.port, tmp_path, keys / SERVER_PUBLIC, keys / CLIENT_SECRET) as (
        url,
        program,
    ):
        api = Api(url, {"Authorization": f"Bearer {token}"})
        with api.client:
            assert api.rows(aggregate(daily("2016-01-02", unit="admin1")))
        assert flowmachine.program.ask("health") == program.ask("health") == 0


def no_keys(keys: Path, others: Path) -> tuple[list[Path], str]:
    return [], WITHOUT


def an_unknown_client(keys: Path, others: Path) -> tuple[list[Path], str]:
    shown = (others / CLIENT_PUBLICS).read_text()
    return [
        keys / SERVER_PUBLIC,
        others / CLIENT_SECRET,
    ], f"its public key {shown} is not in {CLIENT_PUBLICS}"


def another_server(keys: Path, others: Path) -> tuple[list[Path], str]:
    return [others / SERVER_PUBLIC, keys / CLIENT_SECRET], WITHOUT


@pytest.mark.parametrize("given", [no_keys, an_unknown_client, another_server])
def test_who_has_not_is_refused_at_once_and_both_say_so(
    stack: Stack,
    flowmachine: Secured,
    keys: Path,
    token: str,
    tmp_path: Path,
    given: Callable[[Path, Path], tuple[list[Path], str]],
) -> None:
    others = make_keys(tmp_path / "others")
    of_client, reason = given(keys, others)
    with flowapi(stack, flowmachine.port, tmp_path, *of_client) as (url, _):
        api = Api(url, {"Authorization": f"Bearer {token}"})
        with api.client:
            for response in (
                api.get("available_dates"),
                api.run(aggregate(daily())),
                api.get("geography/admin1"),
            ):
                assert response.status_code == 503, response.text
                assert response.json()["code"] == "flowmachine_unavailable"
                assert "no connection" in response.json()["msg"]
                assert response.elapsed.total_seconds() < ANSWER_SECONDS
            health = api.get("health")
            assert (health.status_code, health.json()["flowdb"]) == (503, {"status": "ok"})
    log = flowmachine.program.log.read_text()
    assert reason in refused(log)
    for file in (*keys.iterdir(), *others.iterdir()):
        assert "SECRET" not in file.name or file.read_text() not in log
    assert flowmachine.program.ask("health") == 0


def refused(log: str) -> list[str]:
    """Return the reasons that a log of FlowMachine gives for refused connections."""
    lines = [line for line in log.splitlines() if '"Refused a connection."' in line]
    return [json.loads(line)["reason"] for line in lines]
