import asyncio
import datetime

import httpx
import pandas as pd
import pytest

from flowclient import client
from flowclient.errors import (
    FlowclientConnectionError,
    FlowclientTimeoutError,
    FlowclientUnavailableError,
)

from .conftest import Face, accepted, ready, rows, running

QUICK = {"query_id": "Q", "poll_interval": 0.001, "disable_progress": True}
SPEC = {"query_kind": "dummy_query"}
POLL = "/api/0/poll/Q"


def test_query_is_ready(face: Face) -> None:
    face.server.on(POLL, running(), ready())
    assert face.call("query_is_ready", query_id="Q")[0] is False
    is_ready, response = face.call("query_is_ready", query_id="Q")
    assert is_ready is True
    assert response.headers["Location"] == "/api/0/get/Q"
    face.server.on(POLL, httpx.Response(202, json={}))
    assert face.call("query_is_ready", query_id="Q")[0] is False
    face.server.on(POLL, httpx.Response(200))
    with pytest.raises(FlowclientConnectionError, match=r"API returned with status code: 200"):
        face.call("query_is_ready", query_id="Q")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (ready(), "completed"),
        (running(), "executing"),
        (httpx.Response(202, json={"status": "queued"}), "queued"),
        (httpx.Response(404, json={"status": "known"}), "not_running"),
    ],
)
def test_status(face: Face, answer: httpx.Response, status: str) -> None:
    face.server.on(POLL, answer)
    assert face.call("get_status", query_id="Q") == status


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (httpx.Response(202, json={}), "^No status reported.$"),
        (httpx.Response(202, text="x"), "^No status reported.$"),
        (httpx.Response(200, json={"msg": "M"}), "M.*200"),
        (httpx.Response(500, json={"status": "errored", "msg": "M"}), "M.*500 and status 'errored'"),
    ],
)
def test_status_that_is_none(face: Face, answer: httpx.Response, message: str) -> None:
    face.server.on(POLL, answer)
    with pytest.raises(FlowclientConnectionError, match=message):
        face.call("get_status", query_id="Q")


def test_result_is_polled_for_and_fetched(face: Face) -> None:
    face.server.on(POLL, running(2), running(1), ready())
    face.server.on("/api/0/get/Q", rows({"pcod": "A", "date": "2016-01-01", "value": 16}))
    frame = face.call("get_result_by_query_id", **QUICK)
    expected = pd.DataFrame({"pcod": ["A"], "date": ["2016-01-01"], "value": [16]})
    pd.testing.assert_frame_equal(frame, expected)
    assert face.server.paths == [POLL] * 3 + ["/api/0/get/Q"]


def test_result_without_rows(face: Face) -> None:
    face.server.on("/api/0/get/Q", rows())
    frame = face.call("get_json_dataframe", location="get/Q")
    assert frame.empty and list(frame.columns) == []


@pytest.mark.parametrize(
    ("location", "route"),
    [
        ("/api/0/get/Q", "get/Q"),
        ("/api/12/get/Q", "get/Q"),
        ("https://other.test/prefix/api/0/get/Q?x=1", "get/Q"),
        ("get/Q", "get/Q"),
    ],
)
def test_location_of_a_result(face: Face, location: str, route: str) -> None:
    face.server.on(POLL, ready(location))
    assert face.call("get_result_location_from_id_when_ready", **QUICK) == route


def test_geojson(face: Face) -> None:
    collection = {"type": "FeatureCollection", "features": []}
    face.server.on(POLL, ready())
    face.server.on("/api/0/get/Q.geojson", httpx.Response(200, json=collection))
    assert face.call("get_geojson_result_by_query_id", **QUICK) == collection
    face.server.on("/api/0/run", accepted())
    assert face.call("get_geojson_result", query_spec=SPEC) == collection


@pytest.mark.parametrize("prefix", ["", "/prefix", "https://flowapi.test"])
def test_running_a_query(face: Face, prefix: str) -> None:
    face.server.on("/api/0/run", accepted("abc", prefix))
    assert face.call("run_query", query_spec=SPEC) == "abc"
    assert face.server.requests[0].read() == b'{"query_kind":"dummy_query"}'


def test_result_of_a_specification(face: Face) -> None:
    face.server.on("/api/0/run", accepted())
    face.server.on(POLL, ready())
    face.server.on("/api/0/get/Q", rows({"a": 1}))
    assert face.call("get_result", query_spec=SPEC)["a"].to_list() == [1]
    assert face.server.paths == ["/api/0/run", POLL, "/api/0/get/Q"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (httpx.Response(202, json={}), r"Could not get result\. API returned with status code: 202\.$"),
        (httpx.Response(202, json={"msg": "M"}), r"status code: 202\. Reason: M$"),
        (httpx.Response(200, text="{"), "not valid JSON"),
    ],
)
def test_result_that_is_none(face: Face, answer: httpx.Response, message: str) -> None:
    face.server.on("/api/0/get/Q", answer)
    with pytest.raises(FlowclientConnectionError, match=message):
        face.call("get_json_dataframe", location="get/Q")


def test_broken_stream_is_an_error_not_a_short_result(face: Face) -> None:
    face.server.on("/api/0/get/Q", httpx.RemoteProtocolError("incomplete chunked read"))
    with pytest.raises(FlowclientConnectionError, match="incomplete chunked read"):
        face.call("get_json_dataframe", location="get/Q")


def test_waiting_survives_a_short_interruption(face: Face) -> None:
    busy = httpx.Response(503, json={"msg": "busy"})
    face.server.on(POLL, running(), httpx.ConnectError("x"), busy, running(), busy, busy, busy, busy, ready())
    face.server.on("/api/0/get/Q", rows({"a": 1}))
    assert len(face.call("get_result_by_query_id", **QUICK)) == 1


@pytest.mark.parametrize("trouble", [httpx.RemoteProtocolError("gone"), httpx.Response(503)])
def test_request_that_changes_nothing_is_made_again(face: Face, trouble: httpx.Response | Exception) -> None:
    days = httpx.Response(200, json={"available_dates": {}})
    face.server.on("/api/0/available_dates", trouble, trouble, days)
    assert face.call("get_available_dates") == {}
    assert len(face.server.requests) == 3
    face.server.on("/api/0/available_dates", trouble)
    with pytest.raises(FlowclientUnavailableError):
        face.call("get_available_dates")
    assert len(face.server.requests) == 6


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ReadTimeout("slow"),
        httpx.Response(504),
        httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] x"),
        httpx.Response(500),
        httpx.Response(403),
        httpx.Response(404),
    ],
)
def test_request_is_not_made_again_where_that_would_not_help(
    face: Face, trouble: httpx.Response | Exception
) -> None:
    face.server.on("/api/0/available_dates", trouble)
    with pytest.raises((FlowclientConnectionError, FileNotFoundError)):
        face.call("get_available_dates")
    assert len(face.server.requests) == 1


def test_running_a_query_is_asked_for_once(face: Face) -> None:
    face.server.on("/api/0/run", httpx.ReadError("cut"))
    with pytest.raises(FlowclientUnavailableError, match="cut"):
        face.call("run_query", query_spec=SPEC)
    assert len(face.server.requests) == 1


def test_waiting_ends_when_the_server_stays_away(face: Face) -> None:
    face.server.on(POLL, running(), httpx.ConnectError("gone"))
    with pytest.raises(FlowclientUnavailableError, match="gone"):
        face.call("wait_for_query_to_be_ready", **QUICK)
    assert len(face.server.requests) == 6


def test_waiting_ends_at_once_when_the_query_fails(face: Face) -> None:
    face.server.on(POLL, running(), httpx.Response(500, json={"status": "errored", "msg": "M"}))
    with pytest.raises(FlowclientConnectionError, match="M"):
        face.call("wait_for_query_to_be_ready", **QUICK)
    assert len(face.server.requests) == 2


@pytest.mark.parametrize(
    "function", ["wait_for_query_to_be_ready", "get_result_by_query_id", "get_geojson_result_by_query_id"]
)
def test_waiting_can_be_bounded(face: Face, function: str) -> None:
    face.server.on(POLL, running())
    with pytest.raises(FlowclientTimeoutError, match=r"Q was not ready within 0\.01 seconds"):
        face.call(function, timeout=0.01, **QUICK)


def test_geography(face: Face) -> None:
    face.server.on("/api/0/geography/admin3", httpx.Response(200, json={"features": []}))
    assert face.call("get_geography", aggregation_unit="admin3") == {"features": []}
    with pytest.raises(FileNotFoundError, match="geography/a%2Fb not found"):
        face.call("get_geography", aggregation_unit="a/b")


@pytest.mark.parametrize(
    ("event_types", "expected"), [(None, {"calls", "sms"}), (["sms", "mds"], {"sms"}), ([], set())]
)
def test_available_dates(face: Face, event_types: list[str] | None, expected: set[str]) -> None:
    dates = {"calls": ["2016-01-01"], "sms": ["2016-01-02"]}
    face.server.on("/api/0/available_dates", httpx.Response(200, json={"available_dates": dates}))
    assert face.call("get_available_dates", event_types=event_types) == {key: dates[key] for key in expected}


def test_available_dates_that_are_none(face: Face) -> None:
    face.server.on("/api/0/available_dates", httpx.Response(303, json={"msg": "M"}))
    with pytest.raises(FlowclientConnectionError, match=r"Could not get available dates\..* 303\. Reason: M"):
        face.call("get_available_dates")


def test_qa_checks(face: Face) -> None:
    checks = [
        {"cdr_type": "calls", "type_of_query_or_check": "count"},
        {"cdr_type": "sms", "type_of_query_or_check": "count"},
    ]
    face.server.on("/api/0/qa/", httpx.Response(200, json=checks))
    assert face.call("get_available_qa_checks") == checks
    assert face.call("get_available_qa_checks", event_types=["sms"]) == checks[1:]
    assert face.call("get_available_qa_checks_df", event_types=["sms"])["cdr_type"].to_list() == ["sms"]


@pytest.mark.parametrize("day", ["2016-01-01", datetime.date(2016, 1, 1)])
def test_qa_outcomes(face: Face, day: str | datetime.date) -> None:
    face.server.on("/api/0/qa/calls/count/2016-01-01", httpx.Response(200, text="0"))
    assert face.call("get_qa_check_outcome", event_type="calls", check_type="count", event_date=day) == "0"
    outcomes = [{"cdr_date": "2016-01-01", "type_of_query_or_check": "count", "outcome": "0"}]
    face.server.on("/api/0/qa/calls/count", httpx.Response(200, json=outcomes))
    span = {"event_type": "calls", "check_type": "count", "start_date": day, "end_date": day}
    assert face.call("get_qa_check_outcomes", **span) == outcomes
    assert face.call("get_qa_check_outcomes_df", **span)["outcome"].to_list() == ["0"]
    assert dict(face.server.requests[-1].url.params) == {"start_date": "2016-01-01", "end_date": "2016-01-01"}
    with pytest.raises(FlowclientConnectionError, match=r"Could not get qa check outcome\..*202"):
        face.server.on("/api/0/qa/calls/count", httpx.Response(202))
        face.call("get_qa_check_outcomes", **span)


def test_every_function_logs_without_failing(face: Face, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "flowclient")
    test_result_of_a_specification(face)
    test_qa_outcomes(face, "2016-01-01")
    text = caplog.text
    assert "Accepted as query Q" in text
    assert "Bearer" not in text


def test_asynchronous_connection_in_a_synchronous_function(face: Face) -> None:
    if face.name == "async":
        for function, arguments in (("get_available_dates", {}), ("run_query", {"query_spec": SPEC})):
            with pytest.raises(TypeError, match=r"flowclient\.async_client"):
                getattr(client, function)(connection=face.connection(), **arguments)


def test_whoever_interrupts_the_wait_learns_what_becomes_of_the_query(
    face: Face, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With a real signal this is tested in ``tests/functional``."""

    async def cancelled(**_: object) -> None:
        raise asyncio.CancelledError

    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    caplog.set_level("INFO", "flowclient")
    monkeypatch.setattr(face.module, "query_is_ready", interrupted if face.name == "sync" else cancelled)
    with pytest.raises((KeyboardInterrupt, asyncio.CancelledError)) as caught:
        face.call("get_result_by_query_id", query_id="abc")
    assert "query abc goes on at the server" in caught.value.__notes__[0]
    assert 'query_id="abc"' in caught.value.__notes__[0]
    assert "query abc was interrupted" in caplog.text
