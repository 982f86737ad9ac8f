"""Outcomes of quality checks."""

from typing import Any

import pytest
from quart.typing import TestClientProtocol as Client
from recorded_flowmachine import RecordedFlowMachine, error, success
from signing import Bearer

OUTCOME = {"outcome": "0", "cdr_date": "2016-01-01", "type_of_query_or_check": "count_imeis"}
DATES = "start_date=2016-01-01&end_date=2016-01-02"


async def get(client: Client, bearer: Bearer, path: str) -> tuple[int, Any]:
    response = await client.get(f"/api/0/qa/{path}", headers=bearer("get_qa_checks"))
    return response.status_code, await (response.get_json() if response.is_json else response.get_data())


async def test_the_list_is_bare(client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer) -> None:
    checks = [{"cdr_type": "calls", "type_of_query_or_check": "count_imeis"}]
    flowmachine.answers["list_qa_checks"] = success({"available_qa_checks": checks})
    assert await get(client, bearer, "") == (200, checks)
    redirect = await client.get("/api/0/qa", headers=bearer("get_qa_checks"))
    assert redirect.status_code == 308
    assert redirect.headers["Location"].endswith("/api/0/qa/")


async def test_a_range(client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer) -> None:
    flowmachine.answers["get_qa_checks"] = success({"qa_checks": [OUTCOME]})
    assert await get(client, bearer, f"calls/count_imeis?{DATES}") == (200, [OUTCOME])
    assert flowmachine.requests[0]["params"] == {
        "cdr_type": "calls",
        "start_date": "2016-01-01",
        "end_date": "2016-01-02",
        "check_type": "count_imeis",
    }


async def test_one_date(client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer) -> None:
    flowmachine.answers["get_qa_checks"] = success({"qa_checks": [OUTCOME]})
    assert await get(client, bearer, "calls/count_imeis/2016-01-01") == (200, b"0")


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("calls/x/2016-1-1", "2016-1-1", "2016-1-1"),
        ("calls/x/20160101", "20160101", "20160101"),
        ("calls/x?start_date=a&end_date=2016-01-01", "a", "2016-01-01"),
        ("calls/x?start_date=2016-01-01", "2016-01-01", ""),
        ("calls/x", "", ""),
    ],
)
async def test_bad_dates(client: Client, bearer: Bearer, path: str, first: str, last: str) -> None:
    status, body = await get(client, bearer, path)
    assert (status, body["status"]) == (400, "bad request")
    assert body["msg"] == f"Could not parse {first} or {last}; expected for format is YYYY-MM-DD"


async def test_nothing_found(client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer) -> None:
    flowmachine.answers["get_qa_checks"] = success({"qa_checks": []})
    status, body = await get(client, bearer, f"calls/x?{DATES}")
    assert (status, body["status"]) == (404, "not found")
    assert body["msg"] == "No qa checks found for calls, x between 2016-01-01 and 2016-01-02"
    status, body = await get(client, bearer, "calls/x/2016-01-01")
    assert (status, body["msg"]) == (404, "No qa checks found for calls, x on 2016-01-01")


async def test_errors_and_scope(client: Client, flowmachine: RecordedFlowMachine, bearer: Bearer) -> None:
    flowmachine.answers |= {"list_qa_checks": error("why"), "get_qa_checks": error("why")}
    for path in ("", f"calls/x?{DATES}", "calls/x/2016-01-01"):
        status, body = await get(client, bearer, path)
        assert (status, body["status"], body["msg"]) == (500, "error", "why")
        assert (await client.get(f"/api/0/qa/{path}", headers=bearer("run"))).status_code == 403
    # The scope comes before the dates.
    assert (await client.get("/api/0/qa/calls/x/nonsense", headers=bearer())).status_code == 403
