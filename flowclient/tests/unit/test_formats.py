"""Results as the tables of other libraries."""

import importlib.util
import io
import subprocess
import sys
from typing import Any

import geopandas as gpd
import httpx
import polars as pl
import pyarrow as pa
import pytest

import flowclient
from flowclient.errors import FlowclientConnectionError

from .conftest import Face, accepted, ready, rows

TABLE = pa.table({"pcod": ["A", "B"], "value": pa.array([16, None], pa.int64())})
RESULT = "/api/0/get/Q"
UNKNOWN = httpx.Response(400, json={"status": "error", "msg": "Invalid file format"})
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}


def stream(table: pa.Table = TABLE) -> bytes:
    written = io.BytesIO()
    with pa.ipc.new_stream(written, table.schema) as writer:
        writer.write_table(table)
    return written.getvalue()


@pytest.fixture
def query(face: Face) -> flowclient.APIQuery:
    face.server.on("/api/0/run", accepted())
    face.server.on("/api/0/poll/Q", ready())
    made: flowclient.APIQuery = face.connection().make_api_query({"query_kind": "dummy_query"})
    return made


def test_arrow(face: Face, query: flowclient.APIQuery) -> None:
    face.server.on(f"{RESULT}.arrow", httpx.Response(200, content=stream()))
    assert face.finish(query.get_result("arrow")) == TABLE
    assert RESULT not in face.server.paths


def test_polars(face: Face, query: flowclient.APIQuery) -> None:
    face.server.on(f"{RESULT}.arrow", httpx.Response(200, content=stream()))
    assert face.finish(query.get_result("polars")).equals(pl.DataFrame(TABLE.to_pydict()))


@pytest.mark.parametrize(
    "answer", [UNKNOWN, httpx.Response(400, json={"msg": "x", "code": "invalid_file_format"})]
)
def test_servers_without_arrow(face: Face, query: flowclient.APIQuery, answer: httpx.Response) -> None:
    face.server.on(f"{RESULT}.arrow", answer)
    face.server.on(RESULT, rows(*TABLE.to_pylist()))
    assert face.finish(query.get_result("arrow")) == TABLE
    assert face.finish(query.get_result("polars")).equals(pl.DataFrame(TABLE.to_pydict()))


@pytest.mark.parametrize("result_format", ["arrow", "polars"])
@pytest.mark.parametrize("body", [{"msg": "Bad request"}, {"msg": "x", "code": "other"}])
def test_other_refusals_are_errors(face: Face, query: Any, result_format: str, body: dict[str, str]) -> None:
    face.server.on(f"{RESULT}.arrow", httpx.Response(400, json=body))
    with pytest.raises(FlowclientConnectionError, match=body["msg"]):
        face.finish(query.get_result(result_format))
    assert RESULT not in face.server.paths


@pytest.mark.parametrize("result_format", ["arrow", "polars"])
def test_part_of_a_stream_is_an_error(face: Face, query: Any, result_format: str) -> None:
    face.server.on(f"{RESULT}.arrow", httpx.Response(200, content=stream()[:-20]))
    with pytest.raises(FlowclientConnectionError, match="not a whole Arrow stream"):
        face.finish(query.get_result(result_format))


def test_geo_data_frame(face: Face, query: Any) -> None:
    feature = {"type": "Feature", "properties": {"pcod": "A", "value": 16}, "geometry": SQUARE}
    face.server.on(f"{RESULT}.geojson", httpx.Response(200, json={"features": [feature]}))
    frame = face.finish(query.get_result("geopandas"))
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.crs == "EPSG:4326"
    assert frame["value"].to_list() == [16] and frame.geometry[0].area == 0.5
    face.server.on(f"{RESULT}.geojson", httpx.Response(200, json={"features": []}))
    assert len(face.finish(query.get_result("geopandas"))) == 0


def test_geojson_is_all_there_is_of_a_geo_data_frame(face: Face, query: Any) -> None:
    face.server.on(f"{RESULT}.geojson", UNKNOWN)
    with pytest.raises(FlowclientConnectionError, match="Invalid file format"):
        face.finish(query.get_result("geopandas"))


@pytest.mark.parametrize(
    ("result_format", "library", "extra"),
    [("arrow", "pyarrow", "arrow"), ("polars", "polars", "polars"), ("geopandas", "geopandas", "geo")],
)
def test_missing_library_is_named_before_anything_is_sent(
    face: Face, query: Any, monkeypatch: pytest.MonkeyPatch, result_format: str, library: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    assert importlib.util.find_spec(library) is None
    with pytest.raises(ImportError, match=rf"pip install 'flowclient\[{extra}\]'"):
        face.finish(query.get_result(result_format))
    assert face.server.requests == []


def test_libraries_are_loaded_when_they_are_needed() -> None:
    code = (
        "import sys, flowclient; print({'geopandas', 'polars', 'matplotlib', 'shapely'} & set(sys.modules))"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout == "set()\n"
