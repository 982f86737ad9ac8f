import asyncio
import importlib

import httpx
import pandas as pd
import pytest

import flowclient
from flowclient.errors import FlowclientConnectionError, FlowclientTimeoutError

from .conftest import Face, accepted, ready, rows, running

PARAMETERS = {"query_kind": "dummy_query", "dummy_param": "x"}
POLL = "/api/0/poll/Q"
RESULT = "/api/0/get/Q"


def query(face: Face):
    return face.connection().make_api_query(parameters=PARAMETERS)


def test_making_a_query_sends_nothing(face: Face) -> None:
    made = query(face)
    assert isinstance(made, flowclient.APIQuery)
    assert isinstance(made, flowclient.ASyncAPIQuery) == (face.name == "async")
    assert made.parameters == PARAMETERS and made.parameters is not PARAMETERS
    assert face.finish(made.status) == "not_running"
    assert not hasattr(made, "_query_id")
    assert face.server.requests == []
    with pytest.raises(AttributeError):
        made.connection = None
    module = "async_api_query.ASyncAPIQuery" if face.name == "async" else "api_query.APIQuery"
    assert repr(made) == (
        f"<flowclient.{module} object, connection=analyst@https://flowapi.test v0, parameters={PARAMETERS}>"
    )


def test_run_status_and_result(face: Face) -> None:
    face.server.on("/api/0/run", accepted())
    face.server.on(POLL, running(), ready())
    face.server.on(RESULT, rows({"value": 16}))
    made = query(face)
    assert face.finish(made.run()) is None
    assert face.finish(made.status) == "executing"
    assert face.finish(made.status) == "completed"
    assert face.finish(made.get_result())["value"].to_list() == [16]
    assert face.server.paths.count("/api/0/run") == 1


def test_result_runs_a_query_that_was_never_run(face: Face) -> None:
    face.server.on("/api/0/run", accepted())
    face.server.on(POLL, ready())
    face.server.on(RESULT + ".geojson", httpx.Response(200, json={"features": []}))
    assert face.finish(query(face).get_result("geojson")) == {"features": []}


def test_forgotten_query_is_run_again_once(face: Face, caplog: pytest.LogCaptureFixture) -> None:
    face.server.on("/api/0/run", accepted())
    face.server.on(POLL, httpx.Response(404), ready())
    face.server.on(RESULT, rows({"value": 16}))
    made = query(face)
    face.finish(made.run())
    assert len(face.finish(made.get_result())) == 1
    assert face.server.paths.count("/api/0/run") == 2
    assert "no longer knows query Q" in caplog.text
    face.server.on(POLL, httpx.Response(404))
    with pytest.raises(FileNotFoundError):
        face.finish(made.get_result())
    assert face.server.paths.count("/api/0/run") == 3


def test_other_failures_are_not_repeated(face: Face) -> None:
    face.server.on("/api/0/run", accepted())
    face.server.on(POLL, httpx.Response(500, json={"status": "errored", "msg": "M"}))
    with pytest.raises(FlowclientConnectionError, match="M"):
        face.finish(query(face).get_result())
    assert face.server.paths == ["/api/0/run", POLL]


def test_wrong_format_is_refused_before_anything_is_sent(face: Face) -> None:
    with pytest.raises(ValueError) as caught:
        face.finish(query(face).get_result(format="csv"))
    assert str(caught.value) == (
        "Invalid format: 'csv'. Expected one of {'pandas', 'geojson', 'geopandas', 'arrow', 'polars'}."
    )
    assert face.server.requests == []


def test_waiting(face: Face) -> None:
    face.server.on("/api/0/run", accepted())
    face.server.on(POLL, running(), running(), ready())
    made = query(face)
    with pytest.raises(FileNotFoundError, match=r"^Query is not running\.$"):
        face.finish(made.wait_until_ready())
    face.finish(made.run())
    assert face.finish(made.wait_until_ready(0.001, True)) is None
    assert face.server.paths.count(POLL) == 3


def test_waiting_can_be_bounded(face: Face) -> None:
    face.server.on("/api/0/run", accepted())
    face.server.on(POLL, running())
    made = query(face)
    face.finish(made.run())
    for wait in (made.wait_until_ready, made.get_result):
        with pytest.raises(FlowclientTimeoutError):
            face.finish(wait(poll_interval=0.001, disable_progress=True, timeout=0.01))


@pytest.mark.parametrize(
    ("result_format", "name"),
    [("pandas", "get_result_by_query_id"), ("geojson", "get_geojson_result_by_query_id")],
)
def test_functions_are_looked_up_when_called(
    face: Face, monkeypatch: pytest.MonkeyPatch, result_format: str, name: str
) -> None:
    given = {}

    def replacement(**arguments):
        given.update(arguments)
        return "RESULT"

    async def async_replacement(**arguments):
        return replacement(**arguments)

    module = "flowclient.async_api_query" if face.name == "async" else "flowclient.api_query"
    monkeypatch.setattr(
        importlib.import_module(module), name, async_replacement if face.name == "async" else replacement
    )
    made = query(face)
    made._query_id = "Q"
    assert face.finish(made.get_result(result_format, 2)) == "RESULT"
    assert given == {
        "connection": made.connection,
        "query_id": "Q",
        "poll_interval": 2,
        "disable_progress": None,
    }


def test_functions_of_the_module_are_looked_up_when_called(
    face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []

    def replace(name: str, result: object) -> None:
        def replacement(**arguments):
            given.append((name, arguments))
            return result

        async def async_replacement(**arguments):
            return replacement(**arguments)

        monkeypatch.setattr(face.module, name, async_replacement if face.name == "async" else replacement)

    connection = face.connection()
    face.server.on("/api/0/run", accepted())
    replace("query_is_ready", (True, ready()))
    face.call("wait_for_query_to_be_ready", connection=connection, query_id="Q")
    replace("get_result_location_from_id_when_ready", "get/Q")
    replace("get_json_dataframe", pd.DataFrame())
    face.call("get_result_by_query_id", connection=connection, query_id="Q")
    replace("get_result_by_query_id", pd.DataFrame())
    face.call("get_result", connection=connection, query_spec=PARAMETERS)
    assert given == [
        ("query_is_ready", {"connection": connection, "query_id": "Q"}),
        (
            "get_result_location_from_id_when_ready",
            {"connection": connection, "query_id": "Q", "poll_interval": 1, "disable_progress": None},
        ),
        ("get_json_dataframe", {"connection": connection, "location": "get/Q"}),
        ("get_result_by_query_id", {"connection": connection, "query_id": "Q", "disable_progress": None}),
    ]


def test_queries_wait_side_by_side(face: Face) -> None:
    if face.name == "sync":
        return
    face.server.on("/api/0/run", accepted())
    face.server.on(POLL, *[running()] * 6, ready())
    face.server.on(RESULT, rows({"value": 16}))
    connection = face.connection()

    async def both() -> list[pd.DataFrame]:
        queries = [connection.make_api_query(PARAMETERS) for _ in range(3)]
        return await asyncio.gather(*(q.get_result("pandas", 0.001, True) for q in queries))

    assert [len(frame) for frame in asyncio.run(both())] == [1, 1, 1]


def test_query_in_a_notebook(face: Face) -> None:
    made = face.connection().make_api_query({"query_kind": "dummy_query", "text": "<script>"})
    assert made.query_id is None
    assert "not run yet" in made._repr_html_()
    face.server.on("/api/0/run", accepted())
    face.finish(made.run())
    shown = made._repr_html_()
    assert made.query_id == "Q"
    assert "<b>dummy_query</b>, run as <code>Q</code>, analyst@https://flowapi.test v0" in shown
    assert "&lt;script&gt;" in shown and "<script>" not in shown
    assert made.connection.token not in shown
