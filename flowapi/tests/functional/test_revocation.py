"""The operator revokes a token with the command, and every worker refuses it; by file and by Redis."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import redis
from recorded_flowmachine import RecordedFlowMachine, success
from serving import FLOWAPI, Served, environment, served
from signing import MakeToken

from flowapi.settings import FlowapiSettings
from flowdb.testing import RunningRedis, running_redis


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RunningRedis]:
    with running_redis() as server:
        yield server


@pytest.fixture(params=["file", "redis"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    if request.param == "file":
        return {"FLOWAPI_REVOKED_TOKENS_FILE": str(tmp_path / "revoked")}
    server: RunningRedis = request.getfixturevalue("redis_server")
    return {
        "FLOWAPI_REDIS_HOST": server.host,
        "FLOWAPI_REDIS_PORT": str(server.port),
        "FLOWAPI_REDIS_PASSWORD": server.password,
    }


def answers(running: Served, token: str) -> list[int]:
    """Ask over several connections, so that every worker has its turn."""
    headers = {"Authorization": f"Bearer {token}"}
    return [httpx.get(f"{running.url}/api/0/available_dates", headers=headers).status_code for _ in range(12)]


def wait_for(running: Served, token: str, status: int) -> None:
    deadline = time.monotonic() + 20
    while set(found := answers(running, token)) != {status}:
        assert time.monotonic() < deadline, found


def test_the_command(
    settings: FlowapiSettings,
    flowmachine: RecordedFlowMachine,
    make_token: MakeToken,
    where: dict[str, str],
    tmp_path: Path,
) -> None:
    flowmachine.answers["get_available_dates"] = success({"calls": []})
    variables = environment(settings, tmp_path, 1, **where)

    def flowapi(*arguments: str, stdin: str = "", code: int = 0) -> str:
        command = [FLOWAPI, *arguments]
        done = subprocess.run(
            command, env=variables, input=stdin, capture_output=True, text=True, timeout=20, check=False
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    first, second, third = (make_token({"role": ["get_available_dates"]}) for _ in range(3))
    assert "--init" in flowapi("revoke", "some-id", code=1)
    with served(
        settings, tmp_path, FLOWAPI_WORKERS="2", FLOWAPI_REVOCATION_INTERVAL="0.5", **where
    ) as running:
        assert set(answers(running, first)) == {503}
        flowapi("revoked", "--init")
        wait_for(running, first, 200)
        assert "Revoked " in flowapi("revoke", "-", stdin=f"{first}\n")
        wait_for(running, first, 401)
        shown = flowapi("revoke", second, "an-id").split()
        wait_for(running, second, 401)
        assert set(answers(running, third)) == {200}
    assert "an-id" in shown
    listed = dict((*line.split(), "")[:2] for line in flowapi("revoked").splitlines())
    assert len(listed) == 3
    # The ends of tokens that were given whole are known.
    assert [bool(end) for end in listed.values()] == [True, True, False]
    flowapi("revoke", "old", "--expires", "2020-01-01")
    flowapi("revoked", "--purge")
    assert "old" not in flowapi("revoked")
    tampered = first[:-8] + "AAAAAAAA"
    assert "Signature verification failed" in flowapi("revoke", tampered, code=1)
    assert "no ISO 8601 time" in flowapi("revoke", "x", "--expires", "soon", code=1)


def test_without_a_list_there_is_nothing_to_change(settings: FlowapiSettings, tmp_path: Path) -> None:
    done = subprocess.run(
        [FLOWAPI, "revoke", "x"],
        env=environment(settings, tmp_path, 1),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert (done.returncode, "FLOWAPI_REVOKED_TOKENS_FILE" in done.stderr) == (2, True)


def test_redis_is_lost_and_comes_back_empty(
    settings: FlowapiSettings,
    flowmachine: RecordedFlowMachine,
    make_token: MakeToken,
    redis_server: RunningRedis,
    tmp_path: Path,
) -> None:
    """An empty Redis must not look like one in which nothing was ever revoked."""
    flowmachine.answers["get_available_dates"] = success({"calls": []})
    token = make_token({"role": ["get_available_dates"]})
    where = {
        "FLOWAPI_REDIS_HOST": redis_server.host,
        "FLOWAPI_REDIS_PORT": str(redis_server.port),
        "FLOWAPI_REDIS_PASSWORD": redis_server.password,
    }
    subprocess.run(
        [FLOWAPI, "revoked", "--init"], env=environment(settings, tmp_path, 1, **where), check=True
    )
    timing = {"FLOWAPI_REVOCATION_INTERVAL": "0.2", "FLOWAPI_REVOCATION_MAX_AGE": "5.5"}
    with served(settings, tmp_path, **where, **timing) as running:
        assert set(answers(running, token)) == {200}
        with redis.Redis(
            host=redis_server.host, port=redis_server.port, password=redis_server.password
        ) as connection:
            connection.flushall()
        wait_for(running, token, 503)
