"""The scores of stored results, against the published scheme of cachey computed in Python.

A result is worth its cost (seconds of computation for each byte it takes), times a count of its uses in which
each use weighs more than the one before: about twice as much as the one a half-life before.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import pytest
from conftest import cursor_of
from hypothesis import given, settings
from hypothesis import strategies as st

from flowdb.testing import RunningFlowDB

TABLES = {"tacs": "infrastructure", "d_date": "public", "calls": "events", "nothing": "cache"}


@dataclass
class Scorer:
    """Scores by the scheme: each use of anything moves the clock on by one."""

    half_life: float
    tick: int = 0
    uses: dict[str, float] = field(default_factory=dict)

    def touch(self, key: str, cost: float) -> float:
        weight = math.exp(math.log1p(math.log(2) / self.half_life) * self.tick)
        self.uses[key] = self.uses.get(key, 0.0) + weight
        self.tick += 1
        return self.uses[key] * cost


@pytest.fixture(scope="module")
def cursor(flowdb_cluster: RunningFlowDB) -> Any:
    with cursor_of(flowdb_cluster.dsn()) as opened:
        yield opened
        opened.connection.rollback()


def prepare(cursor: Any, half_life: float, times: dict[str, int]) -> dict[str, float]:
    """Store a record for each table, and return what a second of it costs."""
    cursor.connection.rollback()
    cursor.execute("UPDATE cache.cache_config SET value = %s WHERE key = 'half_life'", (str(half_life),))
    cursor.execute("DELETE FROM cache.cached")
    sizes = {}
    for name, schema in TABLES.items():
        cursor.execute(
            "INSERT INTO cache.cached (query_id, access_count, compute_time, cache_score_multiplier, class, "
            "schema, tablename) VALUES (%s, 0, %s, 0, 'Query', %s, %s)",
            (name, times[name], schema, name),
        )
        cursor.execute("SELECT table_size(%s, %s)", (name, schema))
        sizes[name] = cursor.fetchone()[0]
    # What has no size of its own (a partitioned table, one that is not there) takes next to no room.
    assert sizes["calls"] is sizes["nothing"] is None
    return {name: times[name] / 1000 / max(sizes[name] or 0, 0.00001) for name in TABLES}


@settings(deadline=None, max_examples=40)
@given(
    half_life=st.floats(0.5, 5000),
    times=st.fixed_dictionaries({name: st.integers(0, 100_000) for name in TABLES}),
    touches=st.lists(st.sampled_from(sorted(TABLES)), min_size=1, max_size=20),
)
def test_after_a_reset_scores_are_those_of_cachey(
    cursor: Any, half_life: float, times: dict[str, int], touches: list[str]
) -> None:
    costs = prepare(cursor, half_life, times)
    cursor.execute("SELECT setval('cache.cache_touches', 1)")
    scorer = Scorer(half_life)
    for name in touches:
        cursor.execute("SELECT touch_cache(%s)", (name,))
        assert cursor.fetchone()[0] == pytest.approx(scorer.touch(name, costs[name]), rel=1e-9)
    cursor.execute("SELECT rtrim(query_id), cache_score_multiplier::float8, access_count FROM cache.cached")
    for name, multiplier, count in cursor.fetchall():
        assert multiplier == pytest.approx(scorer.uses.get(name, 0.0), rel=1e-9)
        assert count == touches.count(name)


def test_the_first_touch_of_a_database_that_was_never_reset(cursor: Any) -> None:
    costs = prepare(cursor, 100, dict.fromkeys(TABLES, 5000))
    cursor.execute("SELECT setval('cache.cache_touches', 1, false)")
    scorer = Scorer(100, tick=-1)
    for name in ("tacs", "tacs", "d_date", "tacs"):
        cursor.execute("SELECT touch_cache(%s)", (name,))
        assert cursor.fetchone()[0] == pytest.approx(scorer.touch(name, costs[name]))


def test_tables_of_users_have_no_score_and_do_not_move_the_clock(cursor: Any) -> None:
    prepare(cursor, 100, dict.fromkeys(TABLES, 5000))
    cursor.execute("UPDATE cache.cached SET class = 'Table' WHERE query_id = 'tacs'")
    cursor.execute("UPDATE cache.cached SET class = 'GeoTable' WHERE query_id = 'd_date'")
    cursor.execute("SELECT setval('cache.cache_touches', 1)")
    cursor.execute("SELECT touch_cache('tacs'), last_value FROM cache.cache_touches")
    assert cursor.fetchone() == (0, 1)
    cursor.execute("SELECT touch_cache('d_date') > 0")
    assert cursor.fetchone() == (True,)
    cursor.execute("SELECT last_value FROM cache.cache_touches")
    assert cursor.fetchone() == (2,)
    cursor.execute("SELECT count(*) FROM cache.cached WHERE last_accessed = now() AND access_count = 1")
    assert cursor.fetchone() == (2,)


@pytest.mark.parametrize(
    ("multiplier", "milliseconds", "size", "score"),
    [
        (2, 3000, 4, 1.5),
        (2, 3000, 0, 6 / 0.00001),
        (None, 3000, 4, None),
        (2, None, 4, None),
        (2, 3000, None, None),
    ],
)
def test_scores(cursor: Any, multiplier, milliseconds, size, score) -> None:
    cursor.connection.rollback()
    cursor.execute("SELECT cache_score(%s, %s, %s)", (multiplier, milliseconds, size))
    assert cursor.fetchone() == (None if score is None else pytest.approx(score),)


def test_a_result_without_rows_does_not_stop_the_search_for_what_to_evict(cursor: Any) -> None:
    prepare(cursor, 100, dict.fromkeys(TABLES, 5000))
    cursor.execute("CREATE TABLE cache.nothing (number int)")
    cursor.execute("SELECT table_size('nothing', 'cache')")
    assert cursor.fetchone() == (0,)
    for name in ("nothing", "tacs"):
        cursor.execute("SELECT touch_cache(%s)", (name,))
    cursor.execute(
        "SELECT rtrim(query_id) FROM cache.cached WHERE tablename IN ('nothing', 'tacs') "
        "ORDER BY cache_score(cache_score_multiplier, compute_time, table_size(tablename, schema))"
    )
    assert [name for (name,) in cursor.fetchall()] == ["tacs", "nothing"]
    cursor.connection.rollback()


def test_sizes_count_indexes_and_long_values(cursor: Any) -> None:
    cursor.connection.rollback()
    cursor.execute(
        "CREATE TABLE cache.sized AS SELECT repeat(md5(n::text), 1000) AS text FROM generate_series(1, 50) n"
    )
    cursor.execute("CREATE INDEX ON cache.sized (left(text, 10))")
    cursor.execute(
        "SELECT table_size('sized', 'cache'), pg_table_size('cache.sized') + pg_indexes_size('cache.sized')"
    )
    found, wanted = cursor.fetchone()
    assert found == wanted > 0
    cursor.execute("CREATE VIEW cache.seen AS SELECT 1 AS number")
    cursor.execute("SELECT table_size('seen', 'cache'), table_size('cache', 'sized')")
    assert cursor.fetchone() == (None, None)
    cursor.connection.rollback()
