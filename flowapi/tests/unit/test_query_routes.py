"""Run, poll, get and the other routes: statuses, bodies, headers, and what FlowMachine is asked."""

from typing import Any

import pytest
from quart.typing import TestClientProtocol as Client
from recorded_flowmachine import RecordedFlowMachine, error, success, unknown_id
from signing import Bearer

FLOWS = {"query_kind": "flows", "from_location": {"query_kind": "daily_location"}}
FLOWS_SCOPES = ("admin3:flows:flows", "admin3:flows:daily_location")
PROGRESS = {"eligible": 1, "queued": 0, "running": 1}
SUBSET = {"query_kind": "dummy_query", "aggregation_unit": "admin2"}


@pytest.fixture(autouse=True)
def _flows(flowmachine: RecordedFlowMachine) -> None:
    units = {"flows": "admin3", "dummy_query": "admin2", "calendar_activity": None}
    flowmachine.answers |= {
        "get_aggregation_unit": lambda params: success({"aggregation_unit": units[params["query_kind"]]}),
        "run_query": success({"query_id": "Q", "progress": PROGRESS}),
        "get_query_params": lambda params: (
            success({"query_id": "Q", "query_params": FLOWS})
            if params["query_id"] == "Q"
            else unknown_id(params["query_id"])
        ),
    }


# run


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


@pytest.mark.parametrize("body", ["null", "[]", "3", '{"kind": "flows"}', "{", "", "[" * 100_000, '{"x": NaN}'])
async def test_bodies_that_are_no_query(client: Client, bearer: Bearer, body: str) -> None:
    headers = bearer("run") | {"Content-Type": "application/json"}
    response = await client.post("/api/0/run", data=body, headers=headers)
    assert response.status_code == 400
    answer = await response.get_json()
    assert (answer["msg"], answer["code"]) == ("Could not parse query spec.", "invalid_query_spec")


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


async def test_a_subset_that_nobody_ran(client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer) -> None:
    response = await client.post(
        "/api/0/run", json=with_subset("unknown"), headers=bearer("run", *FLOWS_SCOPES)
    )
    assert response.status_code == 403
    assert (await response.get_json())["code"] == "subset_not_permitted"
    assert "run_query" not in flowmachine.actions


# poll


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


# get


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
@pytest.mark.parametrize("suffix", ["", ".json", ".csv", ".geojson"])
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


@pytest.mark.parametrize("query_id", ["../../etc/passwd", "..%2f..%2fetc", "a%00b", "%E2%80%AE", "a b", "'--"])
async def test_ids_that_play_tricks(client: Client, bearer: Bearer, query_id: str) -> None:
    for path in (f"/api/0/get/{query_id}", f"/api/0/poll/{query_id}"):
        response = await client.get(path, headers=bearer("get_result", *FLOWS_SCOPES))
        assert response.status_code == 404
        assert set(await response.get_json()) == {"msg", "code"}


# Dates and geography


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
