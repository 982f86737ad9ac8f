"""Result bodies, byte by byte, from rows of a real database."""

import contextlib
import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import orjson
import psycopg2
import psycopg2.extensions
import pytest
from flowapi_client import GET_SCOPES as SCOPES
from flowapi_client import get_result
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from quart import Quart
from quart.typing import TestClientProtocol as Client
from signing import Bearer

from flowapi.main import create_app
from flowapi.settings import FlowapiSettings
from flowdb.testing import RunningFlowDB

Result = Callable[[str], None]

TYPES = """
SELECT 1 AS "integer", 9007199254740993 AS "bigint", 1.5::float8 AS "double", 1.50::numeric AS "numeric",
    'NaN'::numeric AS numeric_nan, 'Infinity'::float8 AS infinity, 'NaN'::float8 AS nan,
    '-1e-3'::numeric AS small, 'Zürich "𝄞"' AS "text", '2016-01-01 02:03:04'::timestamp AS "timestamp",
    '2016-01-01'::date AS "date", '2016-01-01 02:03:04+00'::timestamptz AS "timestamptz",
    ARRAY['a', NULL] AS texts, ARRAY[1.50, 'NaN']::numeric[] AS numerics, ARRAY[[1, 2], [3, 4]] AS matrix,
    '{"a" : [1]}'::json AS "json", '{"b": 1.0}'::jsonb AS "jsonb", ARRAY['{"c": 1}'::jsonb] AS jsonbs,
    '6f1c1a3e-9a51-4a28-9b4a-4b0a1e2b3c4d'::uuid AS "uuid", '1 day 02:00'::interval AS "interval",
    NULL AS nothing, true AS "boolean", '\\xdeadbeef'::bytea AS "bytea", ST_Point(1, 2) AS geom
"""


@pytest.fixture
async def app(settings: FlowapiSettings) -> AsyncIterator[Quart]:
    app = create_app(settings)
    async with app.test_app():
        yield app


async def test_json_layout(client: Client, result: Result, bearer: Bearer) -> None:
    result("SELECT 'value' || i AS key FROM generate_series(1, 2) AS i")
    for path in ("Q", "Q.json"):
        response = await client.get(f"/api/0/get/{path}", headers=bearer(*SCOPES))
        assert response.status_code == 200
        body = await response.get_data()
        assert body == b'{"query_id":"Q", "query_result":[{"key":"value1"}, {"key":"value2"}]}'
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["Content-Disposition"] == "attachment;filename=Q.json"


async def test_csv_layout(client: Client, result: Result, bearer: Bearer) -> None:
    result("SELECT 'value' || i AS key FROM generate_series(1, 2) AS i")
    response = await client.get("/api/0/get/Q.csv", headers=bearer(*SCOPES))
    assert await response.get_data() == b"key\r\nvalue1\r\nvalue2\r\n"
    assert response.headers["Content-Type"] == "text/csv"
    assert response.headers["Content-Disposition"] == "attachment;filename=Q.csv"


async def test_geojson_layout(client: Client, result: Result, bearer: Bearer) -> None:
    result(
        "SELECT 'Feature' AS type, 1 AS id, ST_AsGeoJSON(ST_Point(1, 2))::json AS geometry, "
        """'{"pcod":"A","value":3}'::json AS properties"""
    )
    response = await client.get("/api/0/get/Q.geojson", headers=bearer(*SCOPES))
    assert await response.get_data() == (
        b'{"type":"FeatureCollection", "features":[{"type":"Feature","id":1,'
        b'"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"pcod":"A","value":3}}]}'
    )
    assert response.headers["Content-Type"] == "application/geo+json"
    assert response.headers["Content-Disposition"] == "attachment;filename=Q.geojson"


@pytest.mark.parametrize(
    ("file_type", "body"),
    [
        ("json", b'{"query_id":"Q", "query_result":[]}'),
        ("csv", b"pcod,value\r\n"),
        ("geojson", b'{"type":"FeatureCollection", "features":[]}'),
    ],
)
async def test_no_rows(client: Client, result: Result, bearer: Bearer, file_type: str, body: bytes) -> None:
    result("SELECT 'x' AS pcod, 1 AS value WHERE false")
    assert await get_result(client, bearer, f"Q.{file_type}") == body


async def test_every_type_in_json(client: Client, result: Result, bearer: Bearer) -> None:
    result(TYPES)
    body = await get_result(client, bearer, "Q.json")
    assert b'"text":"Z\\u00FCrich \\"\\uD834\\uDD1E\\""' in body
    assert b'"numeric":1.50,' in body
    row: dict[str, Any] = json.loads(body)["query_result"][0]
    geom = row.pop("geom")
    assert geom.startswith("0101")
    assert row == {
        "integer": 1,
        "bigint": 9007199254740993,
        "double": 1.5,
        "numeric": 1.5,
        "numeric_nan": None,
        "infinity": None,
        "nan": None,
        "small": -0.001,
        "text": 'Zürich "𝄞"',
        "timestamp": "2016-01-01T02:03:04",
        "date": "2016-01-01",
        "timestamptz": "2016-01-01T02:03:04+00:00",
        "texts": ["a", None],
        "numerics": [1.5, None],
        "matrix": [[1, 2], [3, 4]],
        "json": {"a": [1]},
        "jsonb": {"b": 1.0},
        "jsonbs": [{"c": 1}],
        "uuid": "6f1c1a3e-9a51-4a28-9b4a-4b0a1e2b3c4d",
        "interval": "P1DT2H",
        "nothing": None,
        "boolean": True,
        "bytea": "deadbeef",
    }


async def test_every_type_in_csv(client: Client, result: Result, bearer: Bearer) -> None:
    result(TYPES)
    body = await get_result(client, bearer, "Q.csv")
    (row,) = csv.DictReader(io.StringIO(body.decode(), newline=""))
    row.pop("geom")
    assert row == {
        "integer": "1",
        "bigint": "9007199254740993",
        "double": "1.5",
        "numeric": "1.50",
        "numeric_nan": "NaN",
        "infinity": "inf",
        "nan": "nan",
        "small": "-0.001",
        "text": 'Zürich "𝄞"',
        "timestamp": "2016-01-01 02:03:04",
        "date": "2016-01-01",
        "timestamptz": "2016-01-01 02:03:04+00:00",
        "texts": '["a",null]',
        "numerics": "[1.50,null]",
        "matrix": "[[1,2],[3,4]]",
        "json": '{"a" : [1]}',
        "jsonb": '{"b": 1.0}',
        "jsonbs": '[{"c": 1}]',
        "uuid": "6f1c1a3e-9a51-4a28-9b4a-4b0a1e2b3c4d",
        "interval": "P1DT2H",
        "nothing": "",
        "boolean": "True",
        "bytea": "deadbeef",
    }


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8),
            "number": st.none() | st.integers(-(2**53), 2**53),
        }
    ),
    max_size=30,
)


@pytest.fixture(scope="module")
def table(flowdb_cluster: RunningFlowDB) -> Iterator[psycopg2.extensions.connection]:
    """Make a stored result, and return a connection that can change it."""
    with contextlib.closing(psycopg2.connect(flowdb_cluster.dsn())) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE cache.x1 (text text, number bigint)")
        cursor.execute("GRANT SELECT ON cache.x1 TO flowapi")
        yield connection
        cursor.execute("DROP TABLE cache.x1")


@given(rows=ROWS)
@hypothesis_settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_rows_arrive_as_they_are(
    client: Client,
    result: Result,
    bearer: Bearer,
    table: psycopg2.extensions.connection,
    rows: list[dict[str, Any]],
) -> None:
    cursor = table.cursor()
    cursor.execute("TRUNCATE cache.x1")
    cursor.executemany("INSERT INTO cache.x1 VALUES (%(text)s, %(number)s)", rows)
    result("SELECT * FROM cache.x1")
    as_json = orjson.loads(await get_result(client, bearer, "Q.json"))
    assert as_json["query_result"] == rows
    as_csv = (await get_result(client, bearer, "Q.csv")).decode()
    parsed = list(csv.reader(io.StringIO(as_csv, newline="")))
    expected = [[row["text"], "" if row["number"] is None else str(row["number"])] for row in rows]
    assert parsed == [["text", "number"], *expected]


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        ("SELECT i FROM generate_series(1, 99) AS i", 99),
        ("SELECT i FROM generate_series(1, 100) AS i", 100),
        ("SELECT i FROM generate_series(1, 101) AS i", 101),
        ("SELECT i FROM generate_series(1, 60000) AS i", 60_000),
    ],
)
async def test_batches_join_without_a_seam(
    client: Client, result: Result, bearer: Bearer, sql: str, count: int
) -> None:
    result(sql)
    body = json.loads(await get_result(client, bearer, "Q.json"))
    assert [row["i"] for row in body["query_result"]] == list(range(1, count + 1))
    text = (await get_result(client, bearer, "Q.csv")).decode()
    assert text == "i\r\n" + "".join(f"{i}\r\n" for i in range(1, count + 1))


async def test_a_result_that_is_no_longer_stored(client: Client, result: Result, bearer: Bearer) -> None:
    result("SELECT * FROM cache.x0123456789abcdef0123456789abcdef")
    response = await client.get("/api/0/get/Q.csv", headers=bearer(*SCOPES))
    assert response.status_code == 404
    assert (await response.get_json())["code"] == "result_not_stored"


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM events.calls", "SELECT 'row data'::int", "DELETE FROM geography.geo_kinds"]
)
async def test_what_postgresql_says_is_not_repeated(
    client: Client, result: Result, bearer: Bearer, sql: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its messages may quote values of rows."""
    result(sql)
    response = await client.get("/api/0/get/Q.csv", headers=bearer(*SCOPES))
    assert response.status_code == 500
    body = await response.get_json()
    assert body["code"] == "result_not_readable"
    out, err = capfd.readouterr()
    assert "row data" not in body["msg"] + out + err
