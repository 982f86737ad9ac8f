"""Polling a query."""

from typing import Any

import pytest
from quart.typing import TestClientProtocol as Client
from recorded_flowmachine import RecordedFlowMachine, error, success, unknown_id
from sample_queries import FLOWS_SCOPES, PROGRESS
from signing import Bearer

pytestmark = pytest.mark.usefixtures("sample_queries")


async def poll(client: Client, bearer: Bearer) -> tuple[int, dict[str, Any], Any]:
    response = await client.get("/api/0/poll/Q", headers=bearer(*FLOWS_SCOPES))
    return response.status_code, await response.get_json(), response.headers


@pytest.mark.parametrize("state", ["executing", "queued"])
async def test_poll_of_a_query_that_runs(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer, state: str
) -> None:
    flowmachine.answers["poll_query"] = success({"query_state": state, "progress": PROGRESS})
    status, body, _ = await poll(client, bearer)
    assert (status, body) == (202, {"status": state, "msg": "", "progress": PROGRESS})


async def test_poll_of_a_completed_query(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    flowmachine.answers["poll_query"] = success({"query_state": "completed", "progress": PROGRESS})
    status, body, headers = await poll(client, bearer)
    assert (status, body, headers["Location"]) == (303, {"status": "completed"}, "/api/0/get/Q")
    assert flowmachine.actions == ["get_query_params", "get_aggregation_unit", "poll_query"]


@pytest.mark.parametrize(
    ("state", "status", "body"),
    [
        ("errored", 500, {"status": "errored", "msg": "out of memory", "code": "query_errored"}),
        ("cancelled", 500, {"status": "errored", "msg": "out of memory", "code": "query_cancelled"}),
        ("known", 404, {"status": "known", "msg": "out of memory", "code": "query_not_running"}),
        ("resetting", 404, {"status": "known", "msg": "out of memory", "code": "query_not_running"}),
    ],
)
async def test_poll_says_why(
    client: Client,
    flowmachine: RecordedFlowMachine,
    bearer: Bearer,
    state: str,
    status: int,
    body: dict[str, str],
) -> None:
    flowmachine.answers["poll_query"] = success({"query_state": state, "error": "out of memory"})
    assert (await poll(client, bearer))[:2] == (status, body)


async def test_poll_of_an_unknown_query(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    response = await client.get("/api/0/poll/nonesuch", headers=bearer(*FLOWS_SCOPES))
    assert response.status_code == 404
    assert await response.get_json() == {"msg": "Unknown query ID 'nonesuch'", "code": "unknown_query"}
    # It was known when the last request asked, but FlowMachine has forgotten it since.
    flowmachine.answers["poll_query"] = unknown_id("Q")
    assert (await poll(client, bearer))[:2] == (
        404,
        {"msg": "Unknown query ID 'Q'", "code": "unknown_query"},
    )


async def test_an_id_that_flowmachine_cannot_look_up(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    flowmachine.answers["get_query_params"] = error("Could not get reply for message")
    status, body, _ = await poll(client, bearer)
    assert (status, body["code"]) == (500, "flowmachine_error")


async def test_poll_that_flowmachine_refuses(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    flowmachine.answers["poll_query"] = error("Could not get reply for message")
    status, body, _ = await poll(client, bearer)
    assert (status, body["msg"]) == (500, "Could not get reply for message")


async def test_later_polls_ask_flowmachine_once(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    flowmachine.answers["poll_query"] = success({"query_state": "queued", "progress": PROGRESS})
    await poll(client, bearer)
    flowmachine.requests.clear()
    await poll(client, bearer)
    assert flowmachine.actions == ["poll_query"]
    refused = await client.get("/api/0/poll/Q", headers=bearer(FLOWS_SCOPES[0], "run", "get_result"))
    assert refused.status_code == 403
