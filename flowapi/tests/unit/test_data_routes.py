"""Available dates and geography."""

from typing import Any

import pytest
from quart.typing import TestClientProtocol as Client
from recorded_flowmachine import RecordedFlowMachine, error, success
from signing import Bearer

pytestmark = pytest.mark.usefixtures("sample_queries")


async def test_available_dates(client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer) -> None:
    dates = {"calls": ["2016-01-01", "2016-01-02"], "sms": []}
    flowmachine.answers["get_available_dates"] = success(dates)
    response = await client.get("/api/0/available_dates", headers=bearer("get_available_dates"))
    assert (response.status_code, await response.get_json()) == (200, {"available_dates": dates})
    assert (await client.get("/api/0/available_dates", headers=bearer("run"))).status_code == 403
    flowmachine.answers["get_available_dates"] = error("why")
    response = await client.get("/api/0/available_dates", headers=bearer("get_available_dates"))
    assert response.status_code == 500
    body = await response.get_json()
    assert body == {"status": "error", "msg": "why", "code": "flowmachine_error"}


@pytest.mark.parametrize(
    ("reply", "msg"),
    [
        (error("why"), "why"),
        (error(""), "Internal server error"),
        (success({"sql": "SELECT 1"}), "No query state."),
        (success({"sql": "SELECT 1", "query_state": "queued"}), "Unexpected query state: queued"),
    ],
)
async def test_geography_errors(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer, reply: dict[str, Any], msg: str
) -> None:
    flowmachine.answers["get_geography"] = reply
    headers = bearer("get_result", "admin3:geography:geography")
    response = await client.get("/api/0/geography/admin3", headers=headers)
    body = await response.get_json()
    assert (response.status_code, body["status"], body["msg"]) == (500, "Error", msg)


async def test_geography_needs_its_own_scope(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    headers = bearer("get_result", "admin2:geography:geography")
    assert (await client.get("/api/0/geography/admin3", headers=headers)).status_code == 403
    assert flowmachine.actions == []
