from pathlib import Path

import httpx
import pytest

import flowclient
from flowclient import async_downloads, downloads
from flowclient.errors import FlowclientAccessError, FlowclientConnectionError, FlowclientTimeoutError

from .conftest import Face, accepted, ready, running

CSV = b"pcod,value\r\nA,16\r\n"


@pytest.fixture
def query(face: Face):
    face.server.on("/api/0/run", accepted())
    face.server.on("/api/0/poll/Q", running(), ready())
    return face.connection().make_api_query({"query_kind": "dummy_query"})


@pytest.mark.parametrize("ending", ["csv", "json", "geojson", "arrow", "parquet"])
def test_result_is_saved(face: Face, query: flowclient.APIQuery, tmp_path: Path, ending: str) -> None:
    face.server.on(f"/api/0/get/Q.{ending}", httpx.Response(200, content=CSV))
    path = tmp_path / f"result.{ending.upper() if ending == 'csv' else ending}"
    for _ in range(2):
        assert face.finish(query.download(path, 0.001, True)) is None
    assert path.read_bytes() == CSV
    assert list(tmp_path.iterdir()) == [path]
    assert face.server.paths.count("/api/0/run") == 1


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (httpx.ReadError("cut"), FlowclientConnectionError, "cut"),
        (httpx.Response(403, json={"msg": "M"}), FlowclientAccessError, "^M$"),
        (httpx.Response(202, json={"msg": "M"}), FlowclientConnectionError, "202. Reason: M"),
        (httpx.Response(404), FileNotFoundError, "get/Q.csv not found"),
        (httpx.Response(500, json={"msg": "M"}), FlowclientConnectionError, "M"),
    ],
)
def test_failure_leaves_what_was_there(
    face: Face,
    query: flowclient.APIQuery,
    tmp_path: Path,
    answer: httpx.Response | Exception,
    error: type[Exception],
    message: str,
) -> None:
    face.server.on("/api/0/get/Q.csv", answer)
    path = tmp_path / "result.csv"
    path.write_text("before")
    with pytest.raises(error, match=message):
        face.finish(query.download(str(path), 0.001, True))
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_wrong_ending_is_refused_before_anything_is_sent(face: Face, query: flowclient.APIQuery) -> None:
    function = (downloads if face.name == "sync" else async_downloads).download_result
    for path in ("result.xlsx", "csv"):
        with pytest.raises(ValueError, match=f"Invalid file name: '{path}'"):
            face.finish(query.download(path))
        with pytest.raises(ValueError, match="Invalid file name"):
            face.finish(function(connection=query.connection, query_id="Q", path=path))
    assert face.server.requests == []


def test_directory_that_is_not_there_is_no_forgotten_query(
    face: Face, query: flowclient.APIQuery, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    face.finish(query.run())
    with pytest.raises(FileNotFoundError, match=r"No such directory.*nowhere"):
        face.finish(query.download(tmp_path / "nowhere" / "result.csv"))
    assert face.server.paths == ["/api/0/run"]
    assert caplog.text == ""


def test_failure_to_write_is_no_forgotten_query(
    face: Face, query: flowclient.APIQuery, tmp_path: Path
) -> None:
    face.finish(query.run())
    face.server.on("/api/0/get/Q.csv", httpx.Response(200, content=CSV))
    (tmp_path / "result.csv.part").symlink_to(tmp_path / "nowhere" / "file")
    with pytest.raises(FileNotFoundError):
        face.finish(query.download(tmp_path / "result.csv", 0.001, True))
    assert face.server.paths.count("/api/0/run") == 1


def test_waiting_can_be_bounded(face: Face, query: flowclient.APIQuery, tmp_path: Path) -> None:
    face.server.on("/api/0/poll/Q", running())
    with pytest.raises(FlowclientTimeoutError):
        face.finish(query.download(tmp_path / "a.csv", 0.001, True, timeout=0.01))


class CutStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off."""

    def __iter__(self):
        yield CSV
        raise httpx.RemoteProtocolError("peer closed connection")

    async def __aiter__(self):
        yield CSV
        raise httpx.RemoteProtocolError("peer closed connection")


def test_result_that_breaks_off_is_not_saved(face: Face, tmp_path: Path) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=CutStream()))
    connection = face.connect(url="https://flowapi.test", token=face.connection().token, transport=transport)
    path = tmp_path / "result.csv"
    with pytest.raises(FlowclientConnectionError, match="peer closed connection"):
        face.finish(connection.download(route="get/Q.csv", path=path))
    assert list(tmp_path.iterdir()) == []
