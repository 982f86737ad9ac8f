"""The median filters: window functions, functions on arrays, and plain Python must agree."""

import re
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from conftest import cursor_of
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg2 import errors, sql

from flowdb.testing import RunningFlowDB, server_directory

SOURCES = Path(__file__).parents[2] / "median_utils"
on_database = settings(deadline=None, max_examples=150)
numbers = st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float)
odd = st.integers(0, 6).map(lambda half: 2 * half + 1)


def filtered(values: list[float], window: int) -> list[float]:
    """Return running medians with zeros beyond both ends, repeated until nothing changes."""
    half = (window - 1) // 2
    while True:
        padded = [0.0] * half + values + [0.0] * half
        medians = [statistics.median(padded[start : start + window]) for start in range(len(values))]
        if medians == values:
            return values
        values = medians


def imputed(values: list[float | None], window: int) -> list[float | None]:
    """Return the values, each missing one replaced by the median of the last `window` known ones."""
    known = [value for value in values if value is not None]
    if len(known) < window:
        return values
    result = []
    for number, value in enumerate(values):
        before = [other for other in values[:number] if other is not None]
        recent = before[-window:] if len(before) >= window else known[:window]
        result.append(statistics.median(recent) if value is None else value)
    return result


def headers(version: int, directory: Path) -> Path:
    """Return the headers of the server: this machine's, or unpacked from the distribution's package."""
    installed = Path(f"/usr/include/postgresql/{version}/server")
    if (installed / "postgres.h").exists():
        return installed
    package = f"postgresql-server-dev-{version}"
    subprocess.run(["apt-get", "download", "-qq", package], cwd=directory, check=True, capture_output=True)
    (archive,) = directory.glob(f"{package}_*.deb")
    subprocess.run(["dpkg-deb", "--extract", archive, directory / "headers"], check=True)
    return directory / "headers" / installed.relative_to("/")


@pytest.fixture(scope="module")
def library(flowdb_cluster: RunningFlowDB) -> Iterator[Path]:
    """Yield the compiled extension, in a directory that the server can read."""
    with cursor_of(flowdb_cluster.dsn()) as cursor:
        cursor.execute("SHOW server_version_num")
        version = int(cursor.fetchone()[0]) // 10_000
    compiler = shutil.which("gcc") or shutil.which("cc")
    assert compiler is not None, "these tests need a C compiler: tools/prepare --for-tests flowdb"
    with server_directory("flowdb-medians-") as directory:
        found = headers(version, directory)
        built = directory / "pg_median_utils.so"
        source = SOURCES / "pg_median_utils.c"
        options = [
            "-std=gnu99",
            "-O2",
            "-Wall",
            "-Wextra",
            "-Wno-sign-compare",
            "-Wno-unused-parameter",
            "-Werror",
        ]
        subprocess.run(
            [compiler, *options, "-fPIC", "-shared", "-isystem", found, "-o", built, source], check=True
        )
        yield built


@pytest.fixture(scope="module")
def cursor(flowdb_cluster: RunningFlowDB, library: Path) -> Iterator[Any]:
    """Yield a cursor of a session that has the extension's functions until it ends."""
    script = (SOURCES / "pg_median_utils--1.0.sql").read_text()
    with cursor_of(flowdb_cluster.dsn()) as opened:
        opened.execute("DROP EXTENSION IF EXISTS pg_median_utils")
        opened.execute(script.replace("MODULE_PATHNAME", str(library)))
        yield opened
        opened.connection.rollback()


WINDOW = """
    SELECT array_agg(v ORDER BY number) FROM (
        SELECT number, {function}(v, %s) OVER (ORDER BY number ROWS BETWEEN CURRENT ROW AND CURRENT ROW) AS v
        FROM unnest(%s::double precision[]) WITH ORDINALITY AS t (v, number)
    ) AS results
"""
ARRAY = "SELECT {function}(%s::double precision[], %s)"


def both(cursor: Any, function: str, values: list[float | None], window: int) -> tuple[Any, Any]:
    """Return what the window function and the function on arrays make of the values."""
    name = sql.Identifier(function)
    cursor.execute(sql.SQL(WINDOW).format(function=name), (window, values))
    by_window = cursor.fetchone()[0]
    cursor.execute(sql.SQL(ARRAY).format(function=name), (values, window))
    return by_window or [], cursor.fetchone()[0]


@on_database
@given(st.lists(numbers, max_size=25), odd)
def test_iterated_median_filter(cursor: Any, values: list[float], window: int) -> None:
    wanted = filtered(values, window)
    assert both(cursor, "iterated_median_filter", values, window) == (wanted, wanted)


@on_database
@given(st.lists(st.none() | numbers, max_size=25), st.integers(1, 8))
def test_rolling_median_impute(cursor: Any, values: list[float | None], window: int) -> None:
    wanted = imputed(values, window)
    assert both(cursor, "rolling_median_impute", values, window) == (wanted, wanted)


@on_database
@given(st.lists(st.none() | numbers, max_size=25))
def test_median(cursor: Any, values: list[float | None]) -> None:
    known = [value for value in values if value is not None]
    wanted = statistics.median(known) if known else None
    cursor.execute(
        "SELECT median(v), array_median(%s::float8[]) FROM unnest(%s::float8[]) AS v", (values, values)
    )
    assert cursor.fetchone() == (wanted, wanted)


@pytest.mark.parametrize(
    ("values", "wanted"), [([1, 1.1, 0.9], [1, 1, 0.9]), ([1.1, 0.95, 2.1], [0.95, 0.95, 0.95])]
)
def test_known_values(cursor: Any, values: list[float], wanted: list[float]) -> None:
    assert both(cursor, "iterated_median_filter", values, 3) == (wanted, wanted)


@pytest.mark.parametrize("kind", ["double precision", "real", "numeric", "int", "bigint", "smallint"])
def test_values_of_every_type_of_number(cursor: Any, kind: str) -> None:
    cursor.execute(
        sql.SQL(
            "SELECT array_agg(f), array_agg(r) FROM ("
            "SELECT iterated_median_filter(v::{kind}, 3) OVER w AS f, "
            "rolling_median_impute(v::{kind}, 2) OVER w AS r FROM unnest(ARRAY[4, 1, 3, 2]) AS v WINDOW w "
            "AS ()) AS results"
        ).format(kind=sql.SQL(kind))
    )
    assert cursor.fetchone() == ([1, 2, 2, 2], [4, 1, 3, 2])
    cursor.execute(
        sql.SQL("SELECT iterated_median_filter(ARRAY[4, 1, 3, 2]::{kind}[], 3)").format(kind=sql.SQL(kind))
    )
    assert cursor.fetchone() == ([1, 2, 2, 2],)


def test_each_partition_has_its_own_results(cursor: Any) -> None:
    cursor.execute(
        "SELECT part, array_agg(f ORDER BY number), array_agg(r ORDER BY number) FROM ("
        "SELECT part, number, iterated_median_filter(number % 4, 3) OVER w AS f, "
        "rolling_median_impute(CASE WHEN number % 3 > 0 THEN number END, 2) OVER w AS r "
        "FROM generate_series(1, 200) AS n (number), LATERAL (SELECT number % 7 AS part) AS p "
        "WINDOW w AS (PARTITION BY part ORDER BY number)) AS results GROUP BY part"
    )
    rows = cursor.fetchall()
    assert len(rows) == 7
    for part, by_filter, by_imputation in rows:
        own = [number for number in range(1, 201) if number % 7 == part]
        assert by_filter == filtered([float(number % 4) for number in own], 3)
        assert by_imputation == imputed([number if number % 3 else None for number in own], 2)


def test_windows_wider_than_the_values(cursor: Any) -> None:
    for window in (2**31 - 1, 99):
        assert both(cursor, "iterated_median_filter", [5.0, 6.0, 7.0], window) == ([0, 0, 0], [0, 0, 0])
        values = [1.0, None]
        assert both(cursor, "rolling_median_impute", values, window) == (values, values)


def test_extreme_values(cursor: Any) -> None:
    values = [float("inf"), float("-inf"), 1e308, 5e-324]
    wanted = filtered(values, 3)
    assert both(cursor, "iterated_median_filter", values, 3) == (wanted, wanted)
    cursor.execute(
        "SELECT iterated_median_filter(ARRAY['NaN', 1, 'NaN', 'NaN']::float8[], 3), "
        "(SELECT array_agg(v) FROM (SELECT iterated_median_filter(v, 3) OVER () "
        "FROM unnest(ARRAY['NaN', 1, 'NaN', 'NaN']::float8[]) AS v) AS t (v))"
    )
    # PostgreSQL takes NaN for the greatest number, and for equal to itself.
    first, second = cursor.fetchone()
    assert str(first) == str(second) == "[1.0, nan, nan, nan]"


MISTAKES = {
    ("iterated_median_filter", 4): "window is 4, it must be odd and positive",
    ("iterated_median_filter", 0): "window is 0, it must be odd and positive",
    ("iterated_median_filter", -1): "window is -1, it must be odd and positive",
    ("rolling_median_impute", 0): "window is 0, it must be positive",
}


@pytest.mark.parametrize(("function", "window"), MISTAKES)
@pytest.mark.parametrize("statement", [WINDOW, ARRAY])
def test_windows_that_are_none(cursor: Any, function: str, window: int, statement: str) -> None:
    values = [1.0, 2.0]
    given_ = (window, values) if statement is WINDOW else (values, window)
    cursor.execute("SAVEPOINT before")
    with pytest.raises(errors.InvalidParameterValue, match=re.escape(MISTAKES[function, window])):
        cursor.execute(sql.SQL(statement).format(function=sql.Identifier(function)), given_)
    cursor.execute("ROLLBACK TO before")


@pytest.mark.parametrize("statement", [WINDOW, ARRAY])
def test_a_missing_value_cannot_be_filtered(cursor: Any, statement: str) -> None:
    values = [1.0, None]
    given_ = (3, values) if statement is WINDOW else (values, 3)
    cursor.execute("SAVEPOINT before")
    with pytest.raises(psycopg2.Error, match="a value is null: leave it out, or impute it before"):
        cursor.execute(sql.SQL(statement).format(function=sql.Identifier("iterated_median_filter")), given_)
    cursor.execute("ROLLBACK TO before")


def test_long_partitions(cursor: Any) -> None:
    cursor.execute(
        "SELECT iterated_median_filter(n %% 1000, %s) OVER () FROM generate_series(0, %s) AS n",
        (101, 50_000),
    )
    assert cursor.rowcount == 50_001
