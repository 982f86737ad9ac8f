"""A result that cannot be sent to its end breaks the response: no client can take a part for the whole."""

import contextlib
import time
from collections.abc import Callable

import httpx
import psycopg2
import pytest
from signing import Bearer

from flowdb.testing import RunningFlowDB

# The division fails in the last of the rows, long after the response has begun.
FAILS_LATE = "SELECT i, 1 / (200000 - i) AS value FROM generate_series(1, 200000) AS i"
WHOLE = "SELECT i, i AS value FROM generate_series(1, 200000) AS i"
FAILS_AT_ONCE = "SELECT i, 1 / (i - 1) AS value FROM generate_series(1, 200000) AS i"
LARGE = "SELECT repeat('x', 1000) AS x FROM generate_series(1, 200000)"
SCOPES = ("get_result", "admin3:dummy_query:dummy_query", "admin3:geography:geography")

Result = Callable[[str], None]
MakeClient = Callable[..., httpx.Client]

both_versions = pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])


@pytest.mark.parametrize("file_type", ["json", "csv", "geojson", "arrow", "parquet"])
@both_versions
def test_a_late_failure_is_seen_by_the_client(
    http_client: MakeClient, result: Result, bearer: Bearer, file_type: str, http2: bool
) -> None:
    client = http_client(http2=http2)
    result(FAILS_LATE)
    received = 0
    with client.stream("GET", f"/api/0/get/Q.{file_type}", headers=bearer(*SCOPES)) as response:
        assert (response.status_code, response.http_version) == (200, "HTTP/2" if http2 else "HTTP/1.1")
        with pytest.raises(httpx.RemoteProtocolError):
            for chunk in response.iter_raw():
                received += len(chunk)
    assert received > 100_000
    # The next request works.
    result(WHOLE)
    response = client.get(f"/api/0/get/Q.{file_type}", headers=bearer(*SCOPES))
    assert response.status_code == 200
    assert len(response.content) > received


def test_an_early_failure_has_a_status(http_client: MakeClient, result: Result, bearer: Bearer) -> None:
    result(FAILS_AT_ONCE)
    response = http_client().get("/api/0/get/Q.csv", headers=bearer(*SCOPES))
    assert response.status_code == 500
    assert response.json()["code"] == "result_not_readable"
    assert "DivisionByZeroError" in response.json()["msg"]


def test_flowdb_lost_in_the_middle(
    http_client: MakeClient, result: Result, bearer: Bearer, flowdb_cluster: RunningFlowDB
) -> None:
    client = http_client()
    result(LARGE)
    with client.stream("GET", "/api/0/get/Q.csv", headers=bearer(*SCOPES)) as response:
        chunks = response.iter_raw()
        next(chunks)
        with contextlib.closing(psycopg2.connect(flowdb_cluster.dsn())) as connection:
            connection.cursor().execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'flowapi'"
            )
        with pytest.raises(httpx.RemoteProtocolError):
            list(chunks)
    result("SELECT 1 AS one")
    assert client.get("/api/0/get/Q.csv", headers=bearer(*SCOPES)).status_code == 200


@both_versions
def test_clients_that_leave_free_their_connections(
    http_client: MakeClient, result: Result, bearer: Bearer, http2: bool
) -> None:
    result(LARGE)
    for _ in range(5):
        with (
            contextlib.closing(http_client(http2=http2)) as client,
            client.stream("GET", "/api/0/get/Q.csv", headers=bearer(*SCOPES)) as response,
        ):
            assert response.status_code == 200
            next(response.iter_raw())
    result("SELECT 1 AS one")
    assert http_client().get("/api/0/get/Q.csv", headers=bearer(*SCOPES)).text == "one\r\n1\r\n"


@both_versions
def test_clients_that_take_nothing_are_let_go(
    http_client: MakeClient, result: Result, bearer: Bearer, http2: bool
) -> None:
    """They hold connections to FlowDB, which others wait for."""
    client = http_client(http2=http2)
    result(LARGE)
    with contextlib.ExitStack() as downloads:
        for _ in range(2):
            downloads.enter_context(client.stream("GET", "/api/0/get/Q.csv", headers=bearer(*SCOPES)))
        started = time.monotonic()
        result("SELECT 1 AS one")
        assert http_client().get("/api/0/get/Q.csv", headers=bearer(*SCOPES)).status_code == 200
        assert time.monotonic() - started > 1


def test_head_reads_no_rows_and_frees_its_connection(
    http_client: MakeClient, result: Result, bearer: Bearer
) -> None:
    result(WHOLE)
    for _ in range(5):
        response = http_client().head("/api/0/get/Q.csv", headers=bearer(*SCOPES))
        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["content-type"] == "text/csv"
        assert "content-length" not in response.headers
