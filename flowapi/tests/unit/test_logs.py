"""The logs: which lines a request leaves, and what never is in them."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from quart.typing import TestClientProtocol as Client
from recorded_flowmachine import RecordedFlowMachine, success
from signing import Bearer, MakeToken

FLOWS = {"query_kind": "flows"}


@pytest.fixture(autouse=True)
def _flows(flowmachine: RecordedFlowMachine) -> None:
    flowmachine.answers |= {
        "get_aggregation_unit": success({"aggregation_unit": "admin3"}),
        "run_query": success({"query_id": "Q", "progress": {}}),
    }


def lines(text: str) -> list[dict[str, Any]]:
    """Return all lines but those of the audit log, which has tests of its own."""
    return [line for line in map(json.loads, text.splitlines()) if line["logger"] != "flowapi.audit"]


async def test_a_granted_request(
    client: Client, bearer: Bearer, capsys: pytest.CaptureFixture[str], flowmachine: RecordedFlowMachine
) -> None:
    response = await client.post("/api/0/run", json=FLOWS, headers=bearer("run", "admin3:flows:flows"))
    out = capsys.readouterr().out
    logged = lines(out)
    assert [(line["logger"], line["event"]) for line in logged] == [
        ("flowapi.access", "Attempting to load user"),
        ("flowapi.access", "Loaded user"),
        ("flowapi.access", "Permission for ['admin3:flows:flows', 'run'] granted by ['role']"),
        ("flowapi.query", "run_query"),
    ]
    request = {
        "request_id": flowmachine.requests[0]["request_id"],
        "path": "/api/0/run",
        "src_ip": "<local>",
        "user": "TEST_USER",
    }
    assert response.headers["X-Request-ID"] == request["request_id"]
    for line in logged:
        assert line["request"] == request
        assert line["level"] == "info"
        assert line["timestamp"].endswith("Z")
    # How many scopes each role has, not which.
    assert logged[1]["claims"] == {"role": 2}
    assert (logged[2]["requested_scopes"], logged[2]["granting_roles"]) == (
        ["admin3:flows:flows", "run"],
        ["role"],
    )
    assert logged[3]["query"] == FLOWS


async def test_a_refused_request(client: Client, bearer: Bearer, capsys: pytest.CaptureFixture[str]) -> None:
    await client.post("/api/0/run", json=FLOWS, headers=bearer("admin3:flows:flows"))
    logged = lines(capsys.readouterr().out)
    assert [line["event"] for line in logged] == [
        "Attempting to load user",
        "Loaded user",
        "CLAIMS_VERIFICATION_FAILED",
    ]
    assert logged[2]["level"] == "error"
    assert (logged[2]["json_payload"], logged[2]["missing_scopes"]) == (FLOWS, ["run"])


async def test_no_token(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    response = await client.get("/api/0/poll/Q")
    (line,) = lines(capsys.readouterr().out)
    assert (line["logger"], line["event"], line["level"]) == ("flowapi.access", "UNAUTHORISED", "error")
    assert line["error_string"] == "Missing Authorization Header"
    assert line["json_payload"] is None
    assert line["request"]["user"] == "None"
    assert line["request"]["request_id"] == response.headers["X-Request-ID"]


async def test_an_expired_and_an_invalid_token(
    client: Client, make_token: MakeToken, capsys: pytest.CaptureFixture[str]
) -> None:
    token = make_token({"r": ["some:secret:scope"]}, lifetime=timedelta(seconds=-1))
    await client.get("/api/0/poll/Q", headers={"Authorization": f"Bearer {token}"})
    out = capsys.readouterr().out
    (line,) = lines(out)
    assert (line["event"], line["identity"]) == ("EXPIRED_TOKEN", "TEST_USER")
    assert set(line["expired_token"]) == {"iat", "nbf", "exp", "jti", "sub", "aud"}
    await client.get("/api/0/poll/Q", headers={"Authorization": "Bearer nonsense"})
    (line,) = lines(capsys.readouterr().out)
    assert (line["event"], line["error_string"]) == ("INVALID_TOKEN", "Not enough segments")


async def test_tokens_are_never_logged(
    client: Client, make_token: MakeToken, capsys: pytest.CaptureFixture[str]
) -> None:
    for token in (make_token({"r": ["run"]}), make_token({}), make_token({}, flowapi_identifier="OTHER")):
        await client.post("/api/0/run", json=FLOWS, headers={"Authorization": f"Bearer {token}"})
        out, err = capsys.readouterr()
        assert token.split(".")[2] not in out + err
        assert token.split(".")[1] not in out + err


async def test_line_breaks_cannot_forge_lines(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    await client.get('/api/0/poll/Q%0a{"event": "Loaded user"}')
    (line,) = lines(capsys.readouterr().out)
    assert line["event"] == "UNAUTHORISED"


async def test_large_payloads_are_not_logged(
    client: Client, bearer: Bearer, capsys: pytest.CaptureFixture[str]
) -> None:
    await client.post("/api/0/run", json={**FLOWS, "x": "y" * 100_000}, headers=bearer())
    assert lines(capsys.readouterr().out)[2]["json_payload"] is None


@pytest.mark.usefixtures("app")
async def test_it_says_what_it_waits_for(capsys: pytest.CaptureFixture[str]) -> None:
    logged = ""
    while "Waiting" not in logged:
        await asyncio.sleep(0.02)
        logged += capsys.readouterr().err
    line = lines(logged)[0]
    assert (line["logger"], line["event"]) == ("flowapi.debug", "Waiting for services")
    assert line["services"] == {"flowdb": "flowdb_unavailable"}
