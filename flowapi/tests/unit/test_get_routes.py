"""Getting a result, when there is none or it may not be had."""

import pytest
from quart.typing import TestClientProtocol as Client
from recorded_flowmachine import RecordedFlowMachine, error, success
from sample_queries import FLOWS, FLOWS_SCOPES
from signing import Bearer

pytestmark = pytest.mark.usefixtures("sample_queries")


@pytest.mark.parametrize(
    ("state", "status", "body"),
    [
        ("executing", 202, {}),
        ("queued", 202, {}),
        ("errored", 403, {"status": "Error", "msg": "why", "code": "query_errored"}),
        ("awol", 404, {"status": "Error", "msg": "why", "code": "unknown_query"}),
        ("known", 404, {"status": "Error", "msg": "why", "code": "query_not_running"}),
        (
            "cancelled",
            500,
            {"status": "Error", "msg": "Unexpected query state: cancelled", "code": "query_cancelled"},
        ),
        (None, 500, {"status": "error", "msg": "why", "code": "flowmachine_error"}),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".json", ".csv", ".geojson", ".arrow", ".parquet"])
async def test_get_of_a_query_without_result(
    client: Client,
    flowmachine: RecordedFlowMachine,
    bearer: Bearer,
    state: str | None,
    status: int,
    body: dict[str, str],
    suffix: str,
) -> None:
    reply = error("why", {"query_id": "Q"} | ({"query_state": state} if state else {}))
    flowmachine.answers["get_sql_for_query_result"] = reply
    flowmachine.answers["get_geo_sql_for_query_result"] = reply
    response = await client.get(f"/api/0/get/Q{suffix}", headers=bearer("get_result", *FLOWS_SCOPES))
    assert (response.status_code, await response.get_json()) == (status, body)


@pytest.mark.parametrize("lacking", ["get_result", *FLOWS_SCOPES])
async def test_get_without_one_of_the_scopes(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer, lacking: str
) -> None:
    held = [scope for scope in ("get_result", *FLOWS_SCOPES) if scope != lacking]
    response = await client.get("/api/0/get/Q", headers=bearer(*held))
    assert (response.status_code, (await response.get_json())["missing_scopes"]) == (403, [lacking])
    assert "get_sql_for_query_result" not in flowmachine.actions


async def test_geojson_needs_the_geography_of_the_result(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    payload = {"query_state": "completed", "sql": "SELECT 1", "aggregation_unit": "admin3"}
    flowmachine.answers["get_geo_sql_for_query_result"] = success(payload)
    headers = bearer("get_result", *FLOWS_SCOPES, "admin2:geography:geography")
    response = await client.get("/api/0/get/Q.geojson", headers=headers)
    assert response.status_code == 403
    assert (await response.get_json())["missing_scopes"] == ["admin3:geography:geography"]


@pytest.mark.parametrize("file_type", ["CSV", "gz", "", "json.exe", "csv%0d%0aX: y"])
async def test_unknown_file_types(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer, file_type: str
) -> None:
    flowmachine.answers["get_query_params"] = success({"query_params": FLOWS})
    flowmachine.answers["get_sql_for_query_result"] = success({"query_state": "completed", "sql": "SELECT 1"})
    response = await client.get(f"/api/0/get/Q.{file_type}", headers=bearer("get_result", *FLOWS_SCOPES))
    body = await response.get_json()
    assert (response.status_code, body["status"], body["msg"]) == (400, "error", "Invalid file format")


async def test_the_last_dot_separates_the_file_type(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    await client.get("/api/0/get/X.tar.gz", headers=bearer())
    assert flowmachine.requests[0]["params"] == {"query_id": "X.tar"}


@pytest.mark.parametrize(
    "query_id", ["../../etc/passwd", "..%2f..%2fetc", "a%00b", "%E2%80%AE", "a b", "'--"]
)
async def test_ids_that_play_tricks(client: Client, bearer: Bearer, query_id: str) -> None:
    for path in (f"/api/0/get/{query_id}", f"/api/0/poll/{query_id}"):
        response = await client.get(path, headers=bearer("get_result", *FLOWS_SCOPES))
        assert response.status_code == 404
        assert set(await response.get_json()) == {"msg", "code"}
