"""Running a query, and whose subscribers it may name."""

from typing import Any

import pytest
from quart.typing import TestClientProtocol as Client
from recorded_flowmachine import RecordedFlowMachine, error, success
from sample_queries import FLOWS, FLOWS_SCOPES, PROGRESS, SUBSET
from signing import Bearer

from flowapi.main import create_app
from flowapi.settings import FlowapiSettings

pytestmark = pytest.mark.usefixtures("sample_queries")


async def test_run(client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer) -> None:
    response = await client.post("/api/0/run", json=FLOWS, headers=bearer("run", *FLOWS_SCOPES))
    assert response.status_code == 202
    assert await response.get_json() == {"query_id": "Q", "progress": PROGRESS}
    assert response.headers["Location"] == "/api/0/poll/Q"
    assert flowmachine.actions == ["get_aggregation_unit", "run_query"]
    assert [request["params"] for request in flowmachine.requests] == [FLOWS, FLOWS]
    ids = {request["request_id"] for request in flowmachine.requests}
    assert ids == {response.headers["X-Request-ID"]}


@pytest.mark.parametrize("lacking", ["run", *FLOWS_SCOPES])
async def test_run_without_one_of_the_scopes(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer, lacking: str
) -> None:
    held = [scope for scope in ("run", *FLOWS_SCOPES) if scope != lacking]
    response = await client.post("/api/0/run", json=FLOWS, headers=bearer(*held))
    assert response.status_code == 403
    assert await response.get_json() == {
        "msg": "User claims verification failed",
        "code": "missing_scopes",
        "missing_scopes": [lacking],
    }
    assert "run_query" not in flowmachine.actions


async def test_the_unit_is_flowmachines_not_the_callers(client: Client, bearer: Bearer) -> None:
    spec = {"query_kind": "dummy_query", "aggregation_unit": "admin3"}
    headers = bearer("run", "admin3:dummy_query:dummy_query")
    assert (await client.post("/api/0/run", json=spec, headers=headers)).status_code == 403


async def test_a_query_without_unit(client: Client, bearer: Bearer) -> None:
    headers = bearer("run", "nonspatial:calendar_activity:calendar_activity")
    response = await client.post("/api/0/run", json={"query_kind": "calendar_activity"}, headers=headers)
    assert response.status_code == 202


@pytest.mark.parametrize(
    "body", ["null", "[]", "3", '{"kind": "flows"}', "{", "", "[" * 100_000, '{"x": NaN}']
)
async def test_bodies_that_are_no_query(client: Client, bearer: Bearer, body: str) -> None:
    headers = bearer("run") | {"Content-Type": "application/json"}
    response = await client.post("/api/0/run", data=body, headers=headers)
    assert response.status_code == 400
    answer = await response.get_json()
    assert (answer["msg"], answer["code"]) == ("Could not parse query spec.", "invalid_query_spec")


async def test_a_query_nested_too_deep(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    deep = b'{"query_kind": "flows", "x": ' + b"[" * 900 + b"]" * 900 + b"}"
    headers = bearer("run", *FLOWS_SCOPES) | {"Content-Type": "application/json"}
    response = await client.post("/api/0/run", data=deep, headers=headers)
    assert response.status_code == 400
    assert (await response.get_json())["code"] == "invalid_query_spec"
    assert flowmachine.actions == []


async def test_a_body_that_is_not_said_to_be_json(client: Client, bearer: Bearer) -> None:
    response = await client.post("/api/0/run", data='{"query_kind": "flows"}', headers=bearer("run"))
    assert response.status_code == 400
    assert (await response.get_json())["msg"] == "Could not parse query spec."


async def test_a_query_that_fails_validation(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    msg = 'Parameter validation failed. … "Must be one of: admin0, admin1."'
    payload = {"params": FLOWS, "validation_error_messages": {"aggregation_unit": ["…"]}}
    flowmachine.answers["get_aggregation_unit"] = error(msg, payload)
    response = await client.post("/api/0/run", json=FLOWS, headers=bearer("run"))
    assert response.status_code == 400
    assert await response.get_json() == {"msg": msg, "code": "invalid_query_spec", "payload": payload}


async def test_a_failure_of_flowmachine_is_not_taken_for_one_of_the_query(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    flowmachine.answers["get_aggregation_unit"] = error("Could not get reply for message")
    response = await client.post("/api/0/run", json=FLOWS, headers=bearer("run"))
    assert response.status_code == 500
    assert (await response.get_json())["code"] == "flowmachine_error"


async def test_a_query_that_cannot_be_built(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    payload = {"exception": "No data for 2016-02-30."}
    flowmachine.answers["run_query"] = error("Unable to create query object.", payload)
    response = await client.post("/api/0/run", json=FLOWS, headers=bearer("run", *FLOWS_SCOPES))
    assert response.status_code == 400
    assert await response.get_json() == {
        "status": "Error",
        "msg": "Unable to create query object.",
        "code": "query_refused",
        "payload": payload,
    }


async def test_a_reply_that_is_neither_success_nor_error(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    flowmachine.answers["run_query"] = {"status": "maybe", "msg": "", "payload": {}}
    response = await client.post("/api/0/run", json=FLOWS, headers=bearer("run", *FLOWS_SCOPES))
    assert response.status_code == 500
    assert (await response.get_json())["msg"] == "Unexpected reply status: maybe"


# Subsets


def with_subset(query_id: str) -> dict[str, Any]:
    return {**FLOWS, "from_location": {"query_kind": "daily_location", "subscriber_subset": query_id}}


async def test_a_subset_needs_the_scopes_of_its_own_query(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    flowmachine.answers["get_query_params"] = success({"query_id": "S", "query_params": SUBSET})
    spec = with_subset("S")
    refused = await client.post("/api/0/run", json=spec, headers=bearer("run", *FLOWS_SCOPES))
    assert refused.status_code == 403
    assert (await refused.get_json())["missing_scopes"] == ["admin2:dummy_query:dummy_query"]
    headers = bearer("run", *FLOWS_SCOPES, "admin2:dummy_query:dummy_query")
    assert (await client.post("/api/0/run", json=spec, headers=headers)).status_code == 202


async def test_a_subset_of_a_subset(client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer) -> None:
    """Each names the next, and the last the first again."""
    specs = {"S": {**SUBSET, "subscriber_subset": "T"}, "T": with_subset("S")}
    flowmachine.answers["get_query_params"] = lambda params: success(
        {"query_id": params["query_id"], "query_params": specs[params["query_id"]]}
    )
    spec = {"query_kind": "calendar_activity", "subscriber_subset": "S"}
    response = await client.post("/api/0/run", json=spec, headers=bearer())
    assert (await response.get_json())["missing_scopes"] == sorted(
        [
            "run",
            "nonspatial:calendar_activity:calendar_activity",
            "admin2:dummy_query:dummy_query",
            *FLOWS_SCOPES,
        ]
    )


async def test_a_subset_that_nobody_ran(
    client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer
) -> None:
    response = await client.post(
        "/api/0/run", json=with_subset("unknown"), headers=bearer("run", *FLOWS_SCOPES)
    )
    assert response.status_code == 403
    assert (await response.get_json())["code"] == "subset_not_permitted"
    assert "run_query" not in flowmachine.actions


# Units of parts


@pytest.mark.parametrize("checked", [True, False])
async def test_a_part_by_a_finer_unit(
    settings: FlowapiSettings, flowmachine: RecordedFlowMachine, bearer: Bearer, checked: bool
) -> None:
    """The setting lets such queries through for roles from before the check."""
    app = create_app(settings.model_copy(update={"check_nested_units": checked}))
    place = {"query_kind": "daily_location", "aggregation_unit": "lon-lat"}
    headers = bearer("run", *FLOWS_SCOPES)
    async with app.test_app():
        response = await app.test_client().post(
            "/api/0/run", json={**FLOWS, "from_location": place}, headers=headers
        )
    assert response.status_code == (403 if checked else 202)
    if checked:
        assert (await response.get_json())["missing_scopes"] == ["lon-lat:flows:daily_location"]
    assert ("run_query" in flowmachine.actions) != checked
