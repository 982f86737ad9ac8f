"""Clusters, scores, labels and meaningful locations, against the definitions."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.api.registry import parse
from flowmachine.core import CustomQuery, make_spatial_unit, sql
from flowmachine.core.disclosure import disclose
from flowmachine.features import (
    EventScore,
    HartiganCluster,
    LabelEventScore,
    MeaningfulLocations,
    MeaningfulLocationsAggregate,
    MeaningfulLocationsOD,
)
from flowmachine.features.subscriber.score_labels import DEFAULT_LABELS
from flowmachine.features.subscriber.scores import HOUR_SCORES, WEEKDAY_SCORES, WEEKDAYS
from tests.country import Event, random_events
from tests.families.clusters import SPECS
from tests.oracle import clusters_definitions as definitions
from tests.oracle.clusters_definitions import SITES, Box, Days, Score
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Groups, Window
from tests.oracle.sites import SiteRunner
from tests.oracle.sites import at_sites as at_sites
from tests.oracle.strategies import SUBSCRIBERS, events, units, windows
from tests.oracle.test_definitions import oracle, parameters, unit_of
from tests.oracle.test_definitions import pytestmark as pytestmark


def values(types: Mapping[str, Any], rows: Sequence[Sequence[object]]) -> CustomQuery:
    """Return a query with given rows, the columns named with their types."""
    columns = [sa.column(name, type_) for name, type_ in types.items()]
    if rows:
        given = sa.values(*columns, name="given").data([tuple(row) for row in rows])
        found = sa.select(*(sa.cast(given.c[name], type_).label(name) for name, type_ in types.items()))
    else:
        found = sa.select(*(sa.cast(sa.null(), type_).label(name) for name, type_ in types.items())).limit(0)
    return CustomQuery(sql.render(found), list(types))


SITE = {"subscriber": sa.Text, "site_id": sa.Text, "version": sa.Integer}


def as_call_days(days: Sequence[Days]) -> CustomQuery:
    rows = [(d.subscriber, d.site, d.version, d.value) for d in days]
    return values({**SITE, "value": sa.BigInteger}, rows)


def as_scores(scores: Sequence[Score]) -> CustomQuery:
    rows = [(s.subscriber, s.site, s.version, s.hour, s.day) for s in scores]
    return values({**SITE, "score_hour": sa.Double, "score_dow": sa.Double}, rows)


def centre(cluster: Any) -> tuple[float, float] | None:
    point = shapely.from_wkb(cluster) if cluster else None
    return (point.x, point.y) if point else None


sites = st.sampled_from([*((site[0], site[1]) for site in SITES), ("unheard of", 0)])
radii = st.sampled_from([0, 0.2, 50, 120, 250])


def call_days(people: Sequence[str] = SUBSCRIBERS, max_size: int = 12) -> st.SearchStrategy[list[Days]]:
    keys = st.tuples(st.sampled_from(people), sites)
    drawn = st.dictionaries(keys, st.integers(1, 3), max_size=max_size)
    return drawn.map(lambda found: [Days(who, *site, value) for (who, site), value in found.items()])


@oracle
@given(days=call_days(), radius=radii, threshold=st.integers(0, 4))
def test_hartigan_cluster(at_sites: SiteRunner, days: list[Days], radius: float, threshold: int) -> None:
    query = HartiganCluster(calldays=as_call_days(days), radius=radius, call_threshold=threshold)
    found = {(row[0], row[2]): (centre(row[1]), *row[3:]) for row in at_sites(query)}
    assert found == {
        (who, c.rank): (
            c.centre,
            c.weight,
            [site for site, _ in c.sites],
            [version for _, version in c.sites],
        )
        for who, clusters in definitions.hartigan(days, radius, threshold).items()
        for c in clusters
    }


def test_clusters_with_a_buffer_are_areas(at_sites: SiteRunner) -> None:
    days = [Days("a", "s0", 0, 2), Days("a", "s0b", 0, 1), Days("a", "far", 0, 1)]
    rows = at_sites(HartiganCluster(calldays=as_call_days(days), radius=1, buffer=3))
    centres = [c.centre for c in definitions.hartigan(days, 1)["a"]]
    assert [row[4] for row in rows] == [["s0", "s0b"], ["far"]]
    for row, middle in zip(rows, centres, strict=True):
        ring = shapely.from_wkb(row[1]).exterior.coords
        assert {round(definitions.metres(middle, corner), -2) for corner in ring} == {3000}


score_values = st.sampled_from([-1.0, -0.3, 0.0, 0.1, 0.7, 1.0])


@oracle
@given(
    data=events,
    window=windows(),
    unit=units,
    hours=st.just(HOUR_SCORES) | st.lists(score_values, min_size=24, max_size=24),
    days=st.just(tuple(WEEKDAY_SCORES.values())) | st.lists(score_values, min_size=7, max_size=7),
)
def test_event_score(
    run: Runner, data: list[Event], window: Window, unit: str, hours: list[float], days: list[float]
) -> None:
    query = EventScore(
        start=window.start,
        stop=window.stop,
        spatial_unit=unit_of(unit),
        score_hour=hours,
        score_dow=dict(zip(WEEKDAYS, days, strict=True)),
        **parameters(window),
    )
    found = {row[:-2]: row[-2:] for row in run(data, query)}
    assert found == definitions.event_scores(data, window, unit, hours, days)


BOXES: Mapping[str, Box] = {"day": (-1.1, -0.05, -0.55, 0.55), "evening": (0.05, 1.1, -1.05, -0.6)}


def as_labels(boxes: Mapping[str, Box]) -> dict[str, Any]:
    return {
        label: shapely.geometry.mapping(shapely.box(left, low, right, high))
        for label, (left, right, low, high) in boxes.items()
    }


def scores(people: Sequence[str] = SUBSCRIBERS, max_size: int = 12) -> st.SearchStrategy[list[Score]]:
    keys = st.tuples(st.sampled_from(people), sites)
    drawn = st.dictionaries(keys, st.tuples(score_values, score_values), max_size=max_size)
    return drawn.map(lambda found: [Score(who, *site, *score) for (who, site), score in found.items()])


@oracle
@given(
    data=scores(),
    boxes=st.sampled_from(
        [BOXES, {"day": (-1.0, 0.0, -0.3, 0.7)}, {"z": (0.1, 1.0, 0.0, 1.0), "a": (-1.0, 0.0, -1.0, 1.0)}]
    ),
    required=st.none() | st.sampled_from(["first", "unknown"]),
)
def test_label_event_score(
    run: Runner, data: list[Score], boxes: Mapping[str, Box], required: str | None
) -> None:
    wanted = next(iter(boxes)) if required == "first" else required
    query = LabelEventScore(scores=as_scores(data), labels=as_labels(boxes), required=wanted)
    labels = {s: definitions.label_of((s.hour, s.day), boxes) for s in data}
    have_it = {s.subscriber for s, label in labels.items() if label == wanted}
    assert sorted(run([], query)) == sorted(
        (
            label if wanted is None or s.subscriber in have_it else wanted,
            *(s.subscriber, s.site, s.version, s.hour, s.day),
        )
        for s, label in labels.items()
    )


def test_the_usual_labels_are_those_of_days_and_evenings(run: Runner) -> None:
    points = [(-0.5, 0.0), (0.5, 0.75), (0.5, -0.75), (0.5, 0.0), (0.0, 0.0), (-0.5, 0.5), (1.0, 0.75)]
    data = [Score("a", f"{n}", 0, *point) for n, point in enumerate(points)]
    rows = run([], LabelEventScore(scores=as_scores(data)))
    expected = ["day", "evening", "evening", "unknown", "unknown", "unknown", "unknown"]
    assert [row[0] for row in sorted(rows, key=lambda row: row[2])] == expected


@oracle
@given(days=call_days(), data=scores(), radius=radii)
def test_joined_to_cluster_components(
    at_sites: SiteRunner, days: list[Days], data: list[Score], radius: float
) -> None:
    clusters = HartiganCluster(calldays=as_call_days(days), radius=radius)
    query = clusters.join_to_cluster_components(as_scores(data))
    own = {(s.subscriber, s.site, s.version): (s.hour, s.day) for s in data}
    expected = {}
    for who, found in definitions.hartigan(days, radius).items():
        for cluster in found:
            means = [own[who, *site] for site in cluster.sites if (who, *site) in own]
            if means:
                hour, day = (sum(column) / len(means) for column in zip(*means, strict=True))
                expected[who, cluster.rank] = (*(cluster.centre or (None, None)), cluster.weight, hour, day)
    rows = {(row[0], row[2]): (*(centre(row[1]) or (None, None)), *row[3:]) for row in at_sites(query)}
    assert rows.keys() == expected.keys()
    for key, row in rows.items():
        assert row == pytest.approx(expected[key], abs=1e-12)


def meaningful(days: list[Days], data: list[Score], radius: float, label: str) -> MeaningfulLocations:
    clusters = HartiganCluster(calldays=as_call_days(days), radius=radius)
    return MeaningfulLocations(
        clusters=clusters, scores=as_scores(data), labels=as_labels(BOXES), label=label
    )


CROWD = [f"p{n}" for n in range(25)]
labels = st.sampled_from([*BOXES, "unknown"])


@oracle
@given(days=call_days(), data=scores(), radius=radii, label=labels)
def test_meaningful_locations(
    at_sites: SiteRunner, days: list[Days], data: list[Score], radius: float, label: str
) -> None:
    expected = definitions.meaningful_locations(
        definitions.labelled_clusters(days, data, radius, BOXES), label
    )
    rows = at_sites(meaningful(days, data, radius, label))
    found = [(row[0], row[1], centre(row[2]), row[3]) for row in rows]
    assert len(found) == len(set(found))
    assert set(found) == {
        (who, label, point, len(points)) for who, points in expected.items() for point in points
    }


def check_parts(at_sites: SiteRunner, query: Any, expected: Groups) -> None:
    """Compare weighted values, and what is released of them."""
    found = {row[:-1]: row[-1] for row in at_sites(query)}
    assert found == pytest.approx({key: value for key, (value, _) in expected.items()}, abs=1e-12)
    released = {row[:-1]: row[-1] for row in at_sites(disclose(query, 15))}
    many = {key: value for key, (value, people) in expected.items() if people > 15}
    assert released == pytest.approx(many, abs=1e-12)


@st.composite
def crowds(draw: st.DrawFn) -> tuple[list[Days], list[Score]]:
    """Draw many people with much in common, so that numbers fall on both sides of the threshold."""
    usual = draw(st.lists(st.tuples(sites, score_values, score_values), min_size=1, max_size=3))
    days, data = [], []
    for who in CROWD:
        at = {site: (hour, day) for site, hour, day in usual if draw(st.integers(0, 4))}
        days += [Days(who, *site, 1) for site in at]
        data += [Score(who, *site, *score) for site, score in at.items()]
    return days, data


@oracle
@given(
    data=st.tuples(call_days(), scores()) | crowds(),
    radius=radii,
    label=labels,
    level=st.sampled_from([0, 2, 3]),
)
def test_meaningful_locations_aggregate(
    at_sites: SiteRunner, data: tuple[list[Days], list[Score]], radius: float, label: str, level: int
) -> None:
    query = MeaningfulLocationsAggregate(
        meaningful_locations=meaningful(*data, radius, label),
        spatial_unit=make_spatial_unit("admin", level=level),
    )
    labelled = definitions.labelled_clusters(*data, radius, BOXES)
    chosen = definitions.meaningful_locations(labelled, label)
    check_parts(at_sites, query, definitions.aggregate(chosen, label, level))


@oracle
@given(
    data=st.tuples(call_days(), scores()) | crowds(),
    radius=radii,
    pair=st.tuples(labels, labels),
    level=st.sampled_from([0, 3]),
)
def test_meaningful_locations_od(
    at_sites: SiteRunner,
    data: tuple[list[Days], list[Score]],
    radius: float,
    pair: tuple[str, str],
    level: int,
) -> None:
    one, other = (meaningful(*data, radius, label) for label in pair)
    query = MeaningfulLocationsOD(
        meaningful_locations_a=one,
        meaningful_locations_b=other,
        spatial_unit=make_spatial_unit("admin", level=level),
    )
    labelled = definitions.labelled_clusters(*data, radius, BOXES)
    chosen = [definitions.meaningful_locations(labelled, label) for label in pair]
    check_parts(at_sites, query, definitions.od_matrix(*chosen, pair, level))


SIZES = {
    "meaningful_locations_aggregate": (1000, 35),
    "meaningful_locations_between_dates_od_matrix": (2400, 120),
    "meaningful_locations_between_label_od_matrix": (2400, 120),
}
"""How many events and subscribers there are: so many that some rows are released, and some are not."""

WEEK = (1.0, 1.0, 1.0, 0.0, 0.2, -1.0, 0.4)


@pytest.mark.parametrize("radius", [1.0, 150.0])
@pytest.mark.parametrize("kind", sorted(name for name in SPECS if name.startswith("meaningful")))
def test_kinds_release_what_the_definitions_say(at_sites: SiteRunner, kind: str, radius: float) -> None:
    number, subscribers = SIZES[kind]
    data = random_events(seed=7, number=number, subscribers=subscribers)
    spec = {
        **SPECS[kind],
        "end_date": "2016-01-04",
        "labels": as_labels(BOXES),
        "tower_day_of_week_scores": dict(zip(WEEKDAYS, WEEK, strict=True)),
        "tower_cluster_radius": radius,
        "tower_cluster_call_threshold": 0,
        "event_types": ["calls", "sms"],
    }

    def of_events(events: Sequence[Event], first: int, stop: int, label: str) -> dict[str, set[Any]]:
        seen = [event for event in events if first <= event[1].day < stop]
        return definitions.meaningful_of_events(seen, HOUR_SCORES, WEEK, radius, BOXES, label)

    if kind == "meaningful_locations_aggregate":
        expected = definitions.aggregate(of_events(data, 1, 4, "unknown"), "unknown", 3)
    else:
        if kind == "meaningful_locations_between_label_od_matrix":
            spec |= {"label_a": "unknown", "label_b": "day"}
            pair, spans = ("unknown", "day"), ((1, 4), (1, 4))
        else:
            spec.pop("end_date")
            pair, spans = ("unknown", "unknown"), ((1, 2), (2, 3))
        ends = [of_events(data, *span, label) for span, label in zip(spans, pair, strict=True)]
        expected = definitions.od_matrix(*ends, pair, 3)
    released = {row[:-1]: row[-1] for row in at_sites(parse(spec).expose(15), data)}
    many = {key: value for key, (value, people) in expected.items() if people > 15}
    assert released == pytest.approx(many, abs=1e-12)
    assert 0 < len(released) < len(expected)


def test_the_usual_labels_are_their_own_spelling() -> None:
    one = LabelEventScore(scores=as_scores([]))
    assert one == LabelEventScore(scores=as_scores([]), labels=DEFAULT_LABELS)
    assert one == LabelEventScore(scores=as_scores([]), labels=one.labels)
