"""Revoked tokens are refused within seconds; if it is not known which are revoked, all are."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from quart import Quart
from quart.typing import TestClientProtocol as Client
from recorded_flowmachine import RecordedFlowMachine, success
from signing import MakeToken

from flowapi.main import create_app
from flowapi.settings import FlowapiSettings
from flowkit_jwt_generator.revocations import sign_revocations

Serve = Callable[..., Any]
INTERVAL = 0.05


@pytest.fixture(autouse=True)
def _dates(flowmachine: RecordedFlowMachine) -> None:
    flowmachine.answers["get_available_dates"] = success({"calls": []})


@pytest.fixture
def serve(settings: FlowapiSettings) -> Serve:
    """Return a function that serves with some settings changed."""

    @asynccontextmanager
    async def serving(**changes: Any) -> AsyncIterator[Client]:
        app: Quart = create_app(settings.model_copy(update={"revocation_interval": INTERVAL, **changes}))
        async with app.test_app():
            yield app.test_client()

    return serving


@pytest.fixture
def token(make_token: MakeToken) -> str:
    return make_token({"role": ["get_available_dates"]})


def jti(token: str) -> str:
    found: str = jwt.decode(token, options={"verify_signature": False})["jti"]
    return found


async def ask(client: Client, token: str) -> tuple[int, dict[str, Any]]:
    response = await client.get("/api/0/available_dates", headers={"Authorization": f"Bearer {token}"})
    return response.status_code, await response.get_json()


async def ask_until(client: Client, token: str, status: int) -> dict[str, Any]:
    """Ask again and again until the answer has this status."""
    async with asyncio.timeout(10):
        while (answer := await ask(client, token))[0] != status:
            await asyncio.sleep(INTERVAL)
    return answer[1]


async def test_a_token_that_was_accepted_is_revoked_and_restored(
    serve: Serve, make_token: MakeToken, token: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "revoked"
    path.write_text("# nobody yet\n")
    other = make_token({"role": ["get_available_dates"]})
    async with serve(revoked_tokens_file=path) as client:
        assert (await ask(client, token))[0] == 200
        path.write_text(f"{jti(token)} # lost\n")
        body = await ask_until(client, token, 401)
        assert body == {"msg": "Token has been revoked", "code": "token_revoked"}
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        events = [(line["logger"], line["event"]) for line in lines[-2:]]
        assert events == [("flowapi.access", "REVOKED_TOKEN"), ("flowapi.audit", "request")]
        assert (lines[-2]["level"], lines[-2]["json_payload"]) == ("error", None)
        assert {line["request"]["user"] for line in lines[-2:]} == {"TEST_USER"}
        assert (lines[-1]["token_id"], lines[-1]["status"]) == (jti(token), 401)
        assert (await ask(client, other))[0] == 200
        path.write_text("")
        await ask_until(client, token, 200)


@pytest.mark.parametrize("content", [None, "a b c\n"])
async def test_a_list_that_cannot_be_read_at_the_start(
    serve: Serve, token: str, tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "revoked"
    if content is not None:
        path.write_text(content)
    async with serve(revoked_tokens_file=path) as client:
        status, body = await ask(client, token)
        assert (status, body["code"]) == (503, "deny_list_unavailable")
        assert str(path) not in body["msg"]
        assert "Deny-list cannot be read" in capsys.readouterr().err
        health = await (await client.get("/api/0/health")).get_json()
        assert health["deny_list"] == {"status": "unavailable", "code": "deny_list_unavailable"}
        path.write_text("")
        await ask_until(client, token, 200)
        health = await (await client.get("/api/0/health")).get_json()
        assert health["deny_list"] == {"status": "ok"}


async def test_a_list_that_is_lost_counts_for_a_while(
    serve: Serve, make_token: MakeToken, token: str, tmp_path: Path
) -> None:
    path, other = tmp_path / "revoked", make_token({"role": ["get_available_dates"]})
    path.write_text(jti(token))
    async with serve(revoked_tokens_file=path, revocation_max_age=1.0) as client:
        assert (await ask(client, token))[0] == 401
        path.unlink()
        await asyncio.sleep(3 * INTERVAL)
        assert ((await ask(client, token))[0], (await ask(client, other))[0]) == (401, 200)
        await ask_until(client, other, 503)
        # What is known to be revoked is told so, also then.
        assert (await ask(client, token))[0] == 401


async def test_a_token_without_id_could_never_be_revoked(
    serve: Serve, private_key: rsa.RSAPrivateKey, token: str, tmp_path: Path
) -> None:
    claims = jwt.decode(token, options={"verify_signature": False})
    nameless = jwt.encode({k: v for k, v in claims.items() if k != "jti"}, private_key, algorithm="RS256")
    path = tmp_path / "revoked"
    path.write_text("")
    async with serve() as client:
        assert (await ask(client, nameless))[0] == 200
    async with serve(revoked_tokens_file=path) as client:
        status, body = await ask(client, nameless)
        assert (status, body["msg"]) == (422, 'Token is missing the "jti" claim')


# Lists that the issuer signs


def signed(key: rsa.RSAPrivateKey, *revoked: str, **more: Any) -> str:
    arguments = {"private_key": key, "lifetime": timedelta(minutes=1), **more}
    return sign_revocations(dict.fromkeys(revoked, 4102444800), **arguments)


async def test_a_signed_list_in_a_file(
    serve: Serve, private_key: rsa.RSAPrivateKey, token: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.jws"
    path.write_text(signed(private_key))
    async with serve(revocation_list=str(path)) as client:
        assert (await ask(client, token))[0] == 200
        path.write_text(signed(private_key, jti(token)))
        await ask_until(client, token, 401)


async def test_a_signed_list_at_a_url(
    serve: Serve, private_key: rsa.RSAPrivateKey, token: str, unused_tcp_port: int
) -> None:
    issuer, lists = Quart("issuer"), [signed(private_key)]

    @issuer.get("/revocations")
    async def revocations() -> str:
        return lists[-1]

    stop = asyncio.Event()
    serving = asyncio.create_task(issuer.run_task(port=unused_tcp_port, shutdown_trigger=stop.wait))
    url = f"http://127.0.0.1:{unused_tcp_port}/revocations"
    try:
        async with serve(revocation_list=url, revocation_max_age=1.0) as client:
            await ask_until(client, token, 200)
            lists.append(signed(private_key, jti(token)))
            await ask_until(client, token, 401)
            lists.append(signed(private_key))
            await ask_until(client, token, 200)
            lists.append("not a list")
            await ask_until(client, token, 503)
            lists.append(signed(private_key))
            await ask_until(client, token, 200)
    finally:
        stop.set()
        await serving


@pytest.mark.parametrize("what", ["foreign", "ended", "a token"])
async def test_a_list_that_must_not_be_used(
    serve: Serve, private_key: rsa.RSAPrivateKey, token: str, tmp_path: Path, what: str
) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    texts = {
        "foreign": signed(stranger),
        "ended": signed(private_key, lifetime=timedelta(seconds=-1)),
        "a token": token,
    }
    path = tmp_path / "list.jws"
    path.write_text(texts[what])
    async with serve(revocation_list=str(path)) as client:
        assert (await ask(client, token))[0] == 503


async def test_a_list_ends_also_if_nobody_touches_it(
    serve: Serve, private_key: rsa.RSAPrivateKey, token: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.jws"
    path.write_text(signed(private_key, lifetime=timedelta(seconds=2)))
    async with serve(revocation_list=str(path), revocation_max_age=0.5) as client:
        assert (await ask(client, token))[0] == 200
        await ask_until(client, token, 503)


async def test_an_older_list_does_not_replace_a_newer_one(
    serve: Serve, private_key: rsa.RSAPrivateKey, token: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.jws"
    old = signed(private_key)
    while int(time.time()) <= jwt.decode(old, options={"verify_signature": False})["iat"]:
        await asyncio.sleep(0.05)
    path.write_text(signed(private_key, jti(token)))
    async with serve(revocation_list=str(path)) as client:
        assert (await ask(client, token))[0] == 401
        path.write_text(old)
        await asyncio.sleep(4 * INTERVAL)
        assert (await ask(client, token))[0] == 401


async def test_a_list_is_no_access_token(serve: Serve, private_key: rsa.RSAPrivateKey) -> None:
    async with serve() as client:
        assert (await ask(client, signed(private_key)))[0] == 422
