"""Results as Arrow streams and Parquet files, read back with pyarrow."""

import contextlib
import datetime
import io
import math
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import psycopg2.extensions
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
import pytest
from flowapi_client import GET_SCOPES as SCOPES
from flowapi_client import get_result
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from quart.typing import TestClientProtocol as Client
from signing import Bearer
from test_rows import TYPES

from flowapi.arrow_encoders import ROW_GROUP_ROWS
from flowdb.testing import RunningFlowDB

Result = Callable[[str], None]

READERS: dict[str, Callable[[bytes], pa.Table]] = {
    "arrow": lambda body: pa.ipc.open_stream(body).read_all(),
    "parquet": lambda body: pa.parquet.read_table(io.BytesIO(body)),
}
MEDIA_TYPES = {
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}
typed_formats = pytest.mark.parametrize("file_type", sorted(READERS))


@typed_formats
async def test_every_type(client: Client, result: Result, bearer: Bearer, file_type: str) -> None:
    result(TYPES)
    table = READERS[file_type](await get_result(client, bearer, f"Q.{file_type}"))
    (row,) = table.to_pylist()
    assert row.pop("geom").startswith("0101")
    assert math.isnan(row.pop("nan")) and math.isnan(row.pop("numeric_nan"))
    assert row == {
        "integer": 1,
        "bigint": 9007199254740993,
        "double": 1.5,
        "numeric": 1.5,
        "infinity": math.inf,
        "small": -0.001,
        "text": 'Zürich "𝄞"',
        "timestamp": datetime.datetime.fromisoformat("2016-01-01T02:03:04"),
        "date": datetime.date(2016, 1, 1),
        "timestamptz": datetime.datetime(2016, 1, 1, 2, 3, 4, tzinfo=datetime.UTC),
        "texts": '["a",null]',
        "numerics": "[1.50,null]",
        "matrix": "[[1,2],[3,4]]",
        "json": '{"a" : [1]}',
        "jsonb": '{"b": 1.0}',
        "jsonbs": '[{"c": 1}]',
        "uuid": "6f1c1a3e-9a51-4a28-9b4a-4b0a1e2b3c4d",
        "interval": "P1DT2H",
        "nothing": None,
        "boolean": True,
        "bytea": bytes.fromhex("deadbeef"),
    }
    assert table.schema.field("integer").type == pa.int32()
    assert table.schema.field("timestamptz").type == pa.timestamp("us", tz="UTC")


@typed_formats
async def test_no_rows_have_their_columns(
    client: Client, result: Result, bearer: Bearer, file_type: str
) -> None:
    result("SELECT 'x' AS pcod, 1::bigint AS value WHERE false")
    table = READERS[file_type](await get_result(client, bearer, f"Q.{file_type}"))
    assert table.num_rows == 0
    assert table.schema.equals(pa.schema([("pcod", pa.string()), ("value", pa.int64())]))


@typed_formats
@pytest.mark.parametrize(
    ("sql", "count"),
    [
        ("SELECT i, 'row ' || i AS t FROM generate_series(1, 99) AS i", 99),
        ("SELECT i, 'row ' || i AS t FROM generate_series(1, 100) AS i", 100),
        ("SELECT i, 'row ' || i AS t FROM generate_series(1, 101) AS i", 101),
        ("SELECT i, 'row ' || i AS t FROM generate_series(1, 120000) AS i", 120_000),
    ],
)
async def test_batches_join_without_a_seam(
    client: Client, result: Result, bearer: Bearer, file_type: str, sql: str, count: int
) -> None:
    result(sql)
    body = await get_result(client, bearer, f"Q.{file_type}")
    table = READERS[file_type](body)
    assert table.column("i").to_pylist() == list(range(1, count + 1))
    assert table.column("t").to_pylist() == [f"row {i}" for i in range(1, count + 1)]
    if file_type == "parquet":
        # Sent as they fill, and neither one huge group nor one for each batch.
        groups = pa.parquet.ParquetFile(io.BytesIO(body)).num_row_groups
        assert count / ROW_GROUP_ROWS / 2 <= groups <= count // ROW_GROUP_ROWS + 1


EARLIEST = datetime.datetime.fromisoformat("1000-01-01")
LATEST = datetime.datetime.fromisoformat("9999-12-30")
VALUES = st.fixed_dictionaries(
    {
        "text": st.none()
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8),
        "number": st.none() | st.integers(-(2**63), 2**63 - 1),
        "share": st.none() | st.floats(allow_nan=False),
        "day": st.none() | st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 30)),
        "moment": st.none() | st.datetimes(EARLIEST, LATEST, timezones=st.just(datetime.UTC)),
        "flag": st.none() | st.booleans(),
    }
)


@pytest.fixture(scope="module")
def table(flowdb_cluster: RunningFlowDB) -> Iterator[psycopg2.extensions.connection]:
    """Make a stored result, and return a connection that can change it."""
    with contextlib.closing(psycopg2.connect(flowdb_cluster.dsn())) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(
            "CREATE TABLE cache.x2 "
            "(text text, number bigint, share float8, day date, moment timestamptz, flag bool)"
        )
        cursor.execute("GRANT SELECT ON cache.x2 TO flowapi")
        yield connection
        cursor.execute("DROP TABLE cache.x2")


@given(rows=st.lists(VALUES, max_size=20))
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@typed_formats
async def test_rows_arrive_as_they_are(
    client: Client,
    result: Result,
    bearer: Bearer,
    table: psycopg2.extensions.connection,
    file_type: str,
    rows: list[dict[str, Any]],
) -> None:
    cursor = table.cursor()
    cursor.execute("TRUNCATE cache.x2")
    cursor.executemany(
        "INSERT INTO cache.x2 VALUES (%(text)s, %(number)s, %(share)s, %(day)s, %(moment)s, %(flag)s)", rows
    )
    result("SELECT * FROM cache.x2")
    assert READERS[file_type](await get_result(client, bearer, f"Q.{file_type}")).to_pylist() == rows


@pytest.mark.parametrize(
    ("accept", "file_type"),
    [
        (None, "json"),
        ("*/*", "json"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "json"),
        ("application/json", "json"),
        ("text/csv", "csv"),
        ("application/geo+json", "geojson"),
        (MEDIA_TYPES["arrow"], "arrow"),
        (f"{MEDIA_TYPES['parquet']}, application/json;q=0.5", "parquet"),
        (f"{MEDIA_TYPES['parquet']};q=0.1, text/csv;q=0.5", "csv"),
    ],
)
async def test_the_accept_header_says_which(
    client: Client, result: Result, bearer: Bearer, accept: str | None, file_type: str
) -> None:
    result("SELECT 'Feature' AS type, 1 AS id")
    headers = dict(bearer(*SCOPES)) | ({"Accept": accept} if accept else {})
    response = await client.get("/api/0/get/Q", headers=headers)
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == f"attachment;filename=Q.{file_type}"
    assert response.headers["Vary"] == "Accept"
    whole = await get_result(client, bearer, f"Q.{file_type}")
    assert await response.get_data() == whole


async def test_a_file_type_beats_the_accept_header(client: Client, result: Result, bearer: Bearer) -> None:
    result("SELECT 1 AS one")
    response = await client.get("/api/0/get/Q.csv", headers=dict(bearer(*SCOPES)) | {"Accept": "image/png"})
    assert (response.status_code, await response.get_data()) == (200, b"one\r\n1\r\n")


async def test_media_types_that_there_are_not(client: Client, result: Result, bearer: Bearer) -> None:
    result("SELECT 1 AS one")
    response = await client.get("/api/0/get/Q", headers=dict(bearer(*SCOPES)) | {"Accept": "image/png"})
    body = await response.get_json()
    assert (response.status_code, body["code"]) == (406, "not_acceptable")
    assert all(media_type in body["msg"] for media_type in MEDIA_TYPES.values())
    # Whoever may not have the result is told that, and not which formats there are.
    refused = await client.get("/api/0/get/Q", headers=dict(bearer()) | {"Accept": "image/png"})
    assert refused.status_code == 403
