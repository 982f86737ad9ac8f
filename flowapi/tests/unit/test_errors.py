"""Every error is JSON with a text and a stable code."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from quart import Quart
from quart.typing import TestClientProtocol as Client
from recorded_flowmachine import RecordedFlowMachine, error, success
from sample_queries import FLOWS, FLOWS_SCOPES
from signing import Bearer, MakeToken

PROTECTED = [
    ("POST", "/api/0/run"),
    ("GET", "/api/0/poll/Q"),
    ("GET", "/api/0/get/Q"),
    ("GET", "/api/0/get/Q.csv"),
    ("GET", "/api/0/geography/admin3"),
    ("GET", "/api/0/available_dates"),
    ("GET", "/api/0/qa/"),
    ("GET", "/api/0/qa/calls/x"),
    ("GET", "/api/0/qa/calls/x/2016-01-01"),
]
OPEN = {"/", "/api/0/health", "/api/0/spec/openapi.json", "/api/0/spec/openapi.yaml", "/api/0/spec/redoc"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/0/nosuchquery", 404, "not_found"),
        ("GET", "/api/0/poll/", 404, "not_found"),
        ("GET", "/api/0/available_dates/", 404, "not_found"),
        ("GET", "/api/0/run", 405, "method_not_allowed"),
        ("DELETE", "/api/0/get/Q", 405, "method_not_allowed"),
    ],
)
async def test_the_frameworks_own_errors(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    response = await client.open(path, method=method)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"
    body = await response.get_json()
    assert set(body) == {"msg", "code"}
    assert body["code"] == code
    assert body["msg"]
    assert response.headers["X-Request-ID"]
    if status == 405:
        assert response.headers["Allow"]


async def test_a_body_that_is_too_large(client: Client, bearer: Bearer) -> None:
    headers = bearer("run") | {"Content-Type": "application/json"}
    response = await client.post("/api/0/run", data=b" " * (17 << 20), headers=headers)
    assert response.status_code == 413
    assert (await response.get_json())["code"] == "request_entity_too_large"


@pytest.mark.parametrize(("method", "path"), PROTECTED)
async def test_no_token(client: Client, method: str, path: str) -> None:
    response = await client.open(path, method=method)
    assert response.status_code == 401
    assert await response.get_json() == {"msg": "Missing Authorization Header", "code": "missing_token"}
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), PROTECTED)
async def test_an_expired_token(client: Client, make_token: MakeToken, method: str, path: str) -> None:
    token = make_token({"r": ["run"]}, lifetime=timedelta(seconds=-1))
    response = await client.open(path, method=method, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401
    assert await response.get_json() == {"msg": "Token has expired", "code": "token_expired"}


@pytest.mark.parametrize(("method", "path"), PROTECTED)
async def test_a_token_for_another_server(
    client: Client, make_token: MakeToken, method: str, path: str
) -> None:
    token = make_token({"r": ["run"]}, flowapi_identifier="OTHER")
    response = await client.open(path, method=method, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 422
    assert await response.get_json() == {"msg": "Invalid audience", "code": "invalid_token"}


def test_no_route_is_forgotten(app: Quart) -> None:
    """Whatever is not open by intention asks for a token; `PROTECTED` tests each such route."""
    views = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules() if rule.rule not in OPEN}
    views = {endpoint: rule for endpoint, rule in views.items() if "redoc" not in rule}
    unchecked = [
        rule for endpoint, rule in views.items() if not hasattr(app.view_functions[endpoint], "__wrapped__")
    ]
    assert unchecked == []
    assert len(views) == len({path for _, path in PROTECTED}) - 1  # get is one route with and without a type


@pytest.mark.parametrize(("method", "path"), PROTECTED)
async def test_options_needs_no_token(client: Client, method: str, path: str) -> None:
    response = await client.options(path)
    assert response.status_code == 200
    assert method in response.headers["Allow"]


async def test_a_defect_shows_nothing_of_itself(
    app: Quart, client: Client, monkeypatch: pytest.MonkeyPatch, bearer: Bearer
) -> None:
    async def broken() -> None:
        raise RuntimeError("secret")

    monkeypatch.setitem(app.view_functions, "query.get_available_dates", broken)
    response = await client.get("/api/0/available_dates", headers=bearer())
    assert response.status_code == 500
    assert await response.get_json() == {
        "status": "error",
        "msg": "Internal server error",
        "code": "internal_error",
    }


async def test_root_and_its_head(client: Client) -> None:
    response = await client.get("/")
    assert (response.status_code, await response.get_data()) == (200, b"")
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert (await client.head("/")).status_code == 200


# Services that are away


async def test_flowdb_is_away(client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer) -> None:
    payload = {"query_state": "completed", "sql": "SELECT 1"}
    flowmachine.answers["get_geography"] = success(payload)
    headers = bearer("get_result", "admin3:geography:geography")
    response = await client.get("/api/0/geography/admin3", headers=headers)
    assert response.status_code == 503
    body = await response.get_json()
    assert (body["status"], body["code"]) == ("error", "flowdb_unavailable")
    assert response.headers["Retry-After"]


@pytest.mark.parametrize("code", ["flowdb_unavailable", "redis_unavailable"])
@pytest.mark.parametrize(
    ("action", "method", "path"),
    [
        ("get_available_dates", "GET", "available_dates"),
        ("get_aggregation_unit", "POST", "run"),
        ("run_query", "POST", "run"),
        ("get_query_params", "GET", "poll/Q"),
        ("poll_query", "GET", "poll/Q"),
        ("get_sql_for_query_result", "GET", "get/Q"),
    ],
)
@pytest.mark.usefixtures("sample_queries")
async def test_what_flowmachine_needs_is_away(
    client: Client,
    flowmachine: RecordedFlowMachine,
    bearer: Bearer,
    code: str,
    action: str,
    method: str,
    path: str,
) -> None:
    flowmachine.answers[action] = error("It is not reachable.", {"code": code})
    headers = bearer("run", "get_result", "get_available_dates", *FLOWS_SCOPES)
    response = await client.open(f"/api/0/{path}", method=method, json=FLOWS, headers=headers)
    assert (response.status_code, (await response.get_json())["code"]) == (503, code)
    assert response.headers["Retry-After"]


async def test_health_without_flowmachine(client: Client, flowmachine: RecordedFlowMachine) -> None:
    flowmachine.stop()
    body = await (await client.get("/api/0/health")).get_json()
    assert body["flowmachine"] == {"status": "unavailable", "code": "flowmachine_unavailable"}


async def test_health_says_what_is_away(client: Client, flowmachine: RecordedFlowMachine) -> None:
    response = await client.get("/api/0/health")
    assert response.status_code == 503
    body = await response.get_json()
    assert body["flowmachine"] == {"status": "ok"}
    assert body["flowdb"] == {"status": "unavailable", "code": "flowdb_unavailable"}
    assert (body["status"], body["code"]) == ("unavailable", "not_ready")


@pytest.mark.parametrize("reply", [b"", b"not json", b"[]", b"{}", b'{"status": "success", "payload": 3}'])
async def test_replies_that_make_no_sense(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Callable[..., dict[str, str]], reply: bytes
) -> None:
    flowmachine.answers["get_available_dates"] = reply
    response = await client.get("/api/0/available_dates", headers=bearer("get_available_dates"))
    assert response.status_code == 500
    assert (await response.get_json())["code"] == "unexpected_reply"
