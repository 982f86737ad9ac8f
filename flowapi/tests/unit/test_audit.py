"""The audit log: one line for each request, at its end, that says who asked what and how it ended."""

import json
from typing import Any

import pytest
from prometheus_client import REGISTRY
from quart.typing import TestClientProtocol as Client
from recorded_flowmachine import RecordedFlowMachine, error
from sample_queries import FLOWS, FLOWS_SCOPES
from signing import Bearer, MakeToken

pytestmark = pytest.mark.usefixtures("sample_queries")


def audited(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in lines if line["logger"] == "flowapi.audit"]


async def test_a_granted_request(client: Client, bearer: Bearer, capsys: pytest.CaptureFixture[str]) -> None:
    response = await client.post("/api/0/run", json=FLOWS, headers=bearer("run", *FLOWS_SCOPES))
    body = await response.get_data()
    (line,) = audited(capsys)
    assert line.pop("seconds") >= 0
    assert len(line.pop("token_id")) == 36
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "logger": "flowapi.audit",
        "level": "info",
        "request": {
            "request_id": response.headers["X-Request-ID"],
            "path": "/api/0/run",
            "src_ip": "<local>",
            "user": "TEST_USER",
        },
        "method": "POST",
        "route": "/api/0/run",
        "status": 202,
        "outcome": "complete",
        "bytes_sent": len(body),
        "query_kind": "flows",
        "query_id": "Q",
        "requested_scopes": sorted(["run", *FLOWS_SCOPES]),
        "granting_roles": ["role"],
    }


async def test_a_refused_request(client: Client, bearer: Bearer, capsys: pytest.CaptureFixture[str]) -> None:
    await client.get("/api/0/get/Q.csv", headers=bearer(*FLOWS_SCOPES))
    (line,) = audited(capsys)
    assert (line["status"], line["code"], line["missing_scopes"]) == (403, "missing_scopes", ["get_result"])
    assert (line["route"], line["query_id"], line["granting_roles"]) == ("/api/0/get/<query_id>", "Q", [])


async def test_requests_without_a_usable_token(
    client: Client, make_token: MakeToken, capsys: pytest.CaptureFixture[str]
) -> None:
    await client.get("/api/0/available_dates")
    await client.get("/api/0/nothing")
    token = make_token({}, flowapi_identifier="OTHER")
    await client.get("/api/0/qa/", headers={"Authorization": f"Bearer {token}"})
    out = capsys.readouterr().out
    lines = [line for line in map(json.loads, out.splitlines()) if line["logger"] == "flowapi.audit"]
    assert [(line["status"], line.get("code"), line["route"]) for line in lines] == [
        (401, "missing_token", "/api/0/available_dates"),
        (404, None, "none"),
        (422, "invalid_token", "/api/0/qa/"),
    ]
    assert {line["request"]["user"] for line in lines} == {"None"}
    assert token.split(".")[2] not in out


@pytest.mark.parametrize("path", ["/", "/api/0/spec/redoc", "/api/0/health"])
async def test_what_anybody_may_ask_is_not_audited(
    client: Client, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    await client.get(path)
    assert audited(capsys) == []


async def test_a_kind_that_is_none_does_not_fill_the_log(
    client: Client, bearer: Bearer, flowmachine: RecordedFlowMachine, capsys: pytest.CaptureFixture[str]
) -> None:
    flowmachine.answers["get_aggregation_unit"] = error("There is no such kind.")
    await client.post("/api/0/run", json={"query_kind": "x" * 100_000}, headers=bearer())
    (line,) = audited(capsys)
    assert len(line["query_kind"]) == 64


# Names of requests


async def test_a_client_names_its_request(
    client: Client, bearer: Bearer, flowmachine: RecordedFlowMachine, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = bearer("run", *FLOWS_SCOPES) | {"X-Request-ID": "notebook-7.cell_12"}
    response = await client.post("/api/0/run", json=FLOWS, headers=headers)
    assert response.headers["X-Request-ID"] == "notebook-7.cell_12"
    assert {request["request_id"] for request in flowmachine.requests} == {"notebook-7.cell_12"}
    (line,) = audited(capsys)
    assert line["request"]["request_id"] == "notebook-7.cell_12"


@pytest.mark.parametrize(
    "name", ["", "short", "x" * 65, "a b c d e f", 'x","user":"ADMIN', "-starts-badly", "é" * 9]
)
async def test_other_names_are_not_taken(client: Client, name: str) -> None:
    response = await client.get("/api/0/available_dates", headers={"X-Request-ID": name})
    assert response.headers["X-Request-ID"] != name
    assert len(response.headers["X-Request-ID"]) == 36


# Figures


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


async def test_requests_are_counted(client: Client, bearer: Bearer) -> None:
    run = {"method": "POST", "route": "/api/0/run", "status": "202", "outcome": "complete"}
    before = figure("flowapi_requests_total", **run)
    asked = figure("flowapi_flowmachine_seconds_count", action="run_query")
    refused = figure("flowapi_refused_tokens_total", code="missing_token")
    await client.post("/api/0/run", json=FLOWS, headers=bearer("run", *FLOWS_SCOPES))
    await client.post("/api/0/run", json=FLOWS)
    assert figure("flowapi_requests_total", **run) == before + 1
    assert figure("flowapi_flowmachine_seconds_count", action="run_query") == asked + 1
    assert figure("flowapi_refused_tokens_total", code="missing_token") == refused + 1
    assert figure("flowapi_requests_in_progress") == 0
