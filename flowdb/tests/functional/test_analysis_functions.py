"""Clustering, visibility and samplers, compared with plain Python from their definitions."""

import math
import statistics
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import psycopg2
import pytest
from conftest import cursor_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from psycopg2 import errors
from psycopg2.extras import execute_values
from pyproj import Geod
from scipy import stats

from flowdb.testing import RunningFlowDB

on_database = settings(deadline=None, max_examples=60)
EARTH = Geod(ellps="WGS84")
NAMES = [f"site::{number}" for number in range(5)]


@pytest.fixture(scope="module")
def cursor(flowdb_cluster: RunningFlowDB) -> Iterator[Any]:
    """Yield a cursor that serves all examples of a test: opening sessions would take most of the time."""
    with cursor_of(flowdb_cluster.dsn()) as opened:
        yield opened
        opened.connection.rollback()


def clusters_of(
    rows: list[tuple[str, int]], places: dict[str, tuple[float, float]], kilometres: float, least: int
) -> list[dict[str, Any]]:
    """Cluster places as the definition says: the first centre that is near enough takes them."""
    found: list[dict[str, Any]] = []
    for site, weight in rows:
        here = places.get(site)
        for cluster in found:
            if here is None or cluster["centre"] is None:
                continue
            metres = EARTH.inv(*cluster["centre"], *here)[2]
            assume(abs(metres - kilometres * 1000) > 0.01)
            if metres < kilometres * 1000:
                total = cluster["weight"] + weight
                cluster["centre"] = tuple(
                    (a * cluster["weight"] + b * weight) / total
                    for a, b in zip(cluster["centre"], here, strict=True)
                )
                cluster["weight"] = total
                cluster["sites"].append(site)
                break
        else:
            found.append({"centre": here, "rank": len(found) + 1, "weight": weight, "sites": [site]})
    return [cluster for cluster in found if cluster["weight"] >= least]


@on_database
@given(
    places=st.lists(
        st.tuples(st.floats(84, 84.1), st.floats(28, 28.1)), min_size=len(NAMES) - 1, max_size=len(NAMES) - 1
    ),
    rows=st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 20)), min_size=1, max_size=12),
    kilometres=st.floats(0.1, 10),
    least=st.integers(0, 40),
)
def test_hartigan(cursor: Any, places, rows, kilometres: float, least: int) -> None:
    # The last name is that of no site.
    known = dict(zip(NAMES[:-1], places, strict=True))
    wanted = clusters_of(rows, known, kilometres, least)
    cursor.connection.rollback()
    execute_values(
        cursor,
        "INSERT INTO infrastructure.sites (id, version, geom_point) VALUES %s",
        [(name, *place) for name, place in known.items()],
        template="(%s, 3, ST_SetSRID(ST_Point(%s, %s), 4326))",
    )
    cursor.execute(
        "WITH h AS (SELECT hartigan(site, 3, weight, %s, 0, %s ORDER BY number) AS c "
        "FROM unnest(%s, %s) WITH ORDINALITY AS t (site, weight, number)) "
        "SELECT (c).rank, (c).weights, (c).site_ids, (c).versions, xs, ys FROM h CROSS JOIN LATERAL ("
        "SELECT array_agg(ST_X(p::geometry) ORDER BY n) AS xs, array_agg(ST_Y(p::geometry) ORDER BY n) AS ys "
        "FROM unnest((c).clusters) WITH ORDINALITY AS u (p, n)) AS coordinates",
        (kilometres, least, [site for site, _ in rows], [weight for _, weight in rows]),
    )
    ranks, weights, sites, versions, xs, ys = cursor.fetchone()
    cursor.connection.rollback()
    if not wanted:
        assert (ranks, weights, sites, versions, xs, ys) == (None,) * 6
        return
    assert ranks == [cluster["rank"] for cluster in wanted]
    assert weights == [cluster["weight"] for cluster in wanted]
    assert sites == ["::".join(cluster["sites"]) for cluster in wanted]
    assert versions == ["::".join("3" for _ in cluster["sites"]) for cluster in wanted]
    for cluster, x, y in zip(wanted, xs, ys, strict=True):
        if cluster["centre"] is None:
            assert (x, y) == (None, None)
        else:
            assert (x, y) == pytest.approx(cluster["centre"])


def test_the_area_of_a_cluster(asked) -> None:
    with asked() as cursor:
        cursor.execute(
            "INSERT INTO infrastructure.sites (id, version, geom_point, geom_polygon) VALUES "
            "('a', 0, ST_SetSRID(ST_Point(84, 28), 4326), ST_Multi(ST_MakeEnvelope(83, 27, 85, 29, 4326))), "
            "('b', 0, ST_SetSRID(ST_Point(85, 28), 4326), NULL), "
            "('c', 0, ST_SetSRID(ST_Point(86, 28), 4326), ST_Multi(ST_MakeEnvelope(85, 27, 87, 29, 4326)))"
        )
        cursor.execute(
            "WITH h AS (SELECT hartigan(site, 0, 1, 1, 2, 1) AS c "
            "FROM unnest(ARRAY['a', 'b', 'c', 'c']) AS t (site)) "
            "SELECT ST_AsText(place::geometry), ST_Area(place) FROM h, unnest((c).clusters) AS place"
        )
        (own, _), (_, lone), (_, several) = cursor.fetchall()
        cursor.connection.rollback()
    # Its own area where there is one and the cluster has one row; else a circle of the buffer.
    assert own == "MULTIPOLYGON(((83 27,83 29,85 29,85 27,83 27)))"
    # An octagon per quarter: the area of a regular polygon of 32 corners.
    polygon = 16 * math.sin(2 * math.pi / 32) * 2000**2
    assert [lone, several] == pytest.approx([polygon, polygon], rel=1e-3)


points = st.lists(
    st.tuples(st.sampled_from(["one", "two"]), st.integers(0, 5), st.one_of(st.none(), st.integers(-3, 3))),
    max_size=15,
)


@on_database
@given(points)
def test_viewshed(cursor: Any, points) -> None:
    wanted = {}
    for line in ("one", "two"):
        highest = -math.inf
        ordered = sorted(
            (distance, number) for number, (name, distance, _) in enumerate(points) if name == line
        )
        for _, number in ordered:
            slope = points[number][2]
            wanted[str(number)] = slope is not None and slope > highest
            if wanted[str(number)]:
                highest = slope
    cursor.connection.rollback()
    cursor.execute(
        "CREATE TEMPORARY TABLE lines (location_id text, geom_point geometry, od_line_identifier text, "
        "geom geometry, distance numeric, slope numeric)"
    )
    if points:
        execute_values(
            cursor,
            "INSERT INTO lines (location_id, od_line_identifier, distance, slope) VALUES %s",
            [(str(number), *point) for number, point in enumerate(points)],
        )
    cursor.execute("SELECT location_id, visible FROM viewshed('lines')")
    assert dict(cursor.fetchall()) == wanted
    assert cursor.rowcount == len(points)
    cursor.execute("SELECT location_id, visible FROM _visible('lines', 'one')")
    assert dict(cursor.fetchall()) == {
        name: seen for name, seen in wanted.items() if points[int(name)][0] == "one"
    }
    cursor.execute("SELECT _viewshed_count_total('lines')")
    assert cursor.fetchone() == (len({name for name, _, _ in points}),)
    cursor.connection.rollback()


@pytest.mark.parametrize("rate", [0.3, 4.0, 60.0, 1500.0])
def test_random_poisson(asked, rate: float) -> None:
    size = 3000
    with asked() as cursor:
        cursor.execute("SELECT setseed(0.25)")
        cursor.execute("SELECT random_poisson(%s) FROM generate_series(1, %s)", (rate, size))
        drawn = [value for (value,) in cursor.fetchall()]
    assert statistics.fmean(drawn) == pytest.approx(rate, abs=5 * math.sqrt(rate / size))
    # Classes of like probability: the counts in them follow the distribution.
    edges = sorted({int(stats.poisson.ppf(share, rate)) for share in (0.1, 0.25, 0.5, 0.75, 0.9)})
    classes = list(pairwise([-1, *edges, math.inf]))
    observed = [sum(low < value <= high for value in drawn) for low, high in classes]
    shares = [
        (1 if high == math.inf else stats.poisson.cdf(high, rate)) - stats.poisson.cdf(low, rate)
        for low, high in classes
    ]
    assert stats.chisquare(observed, [share * size for share in shares]).pvalue > 0.001


def test_random_poisson_at_its_edges(ask) -> None:
    assert ask("SELECT random_poisson(0), random_poisson(NULL), random_poisson() >= 0") == [(0, None, True)]
    for rate in (-1, "NaN", "Infinity", 1e10):
        with pytest.raises(errors.NumericValueOutOfRange, match="it must be from 0 to 1e9"):
            ask("SELECT random_poisson(%s)", rate)


def test_random_pick(asked) -> None:
    with asked() as cursor:
        cursor.execute("SELECT setseed(0.25)")
        cursor.execute("SELECT random_pick(ARRAY['a', NULL, 'b', 'c', NULL]) FROM generate_series(1, 3000)")
        counts = Counter(value for (value,) in cursor.fetchall())
    assert counts.keys() == {"a", "b", "c"}
    assert stats.chisquare(list(counts.values())).pvalue > 0.001


def test_random_pick_of_nothing_is_nothing(ask) -> None:
    assert ask(
        "SELECT random_pick(ARRAY[NULL, NULL]::int[]), random_pick('{}'::text[]), random_pick(NULL::int[]), "
        "random_pick(ARRAY[7])"
    ) == [(None, None, None, 7)]


def test_random_ints_are_uniform(ask) -> None:
    rows = ask("SELECT id FROM generate_series(1, 400) AS g, random_ints(g / 1000.0, 5, 20)")
    counts = Counter(value for (value,) in rows)
    assert counts.keys() == set(range(1, 21))
    assert stats.chisquare(list(counts.values())).pvalue > 0.001


def test_a_line_of_sight_that_is_no_table_is_refused(ask) -> None:
    with pytest.raises(psycopg2.Error, match="invalid name syntax"):
        ask("SELECT * FROM viewshed('nothing; DROP TABLE events.calls')")
