"""Movement, entropy, handsets and money, against the definitions."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Select

from flowmachine.core import CustomQuery, make_spatial_unit
from flowmachine.core.compilation import Compilation
from flowmachine.core.plan import survey
from flowmachine.core.spatial_unit import LonLatSpatialUnit
from flowmachine.features import (
    ContactEntropy,
    Displacement,
    DistanceSeries,
    ImputedDistanceSeries,
    IterativeMedianFilter,
    LocationEntropy,
    PeriodicEntropy,
    RadiusOfGyration,
    daily_location,
)
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations
from tests.country import CELLS, Event, random_events
from tests.medians import median_windows
from tests.oracle import definitions, mobility_definitions
from tests.oracle.cdr import Cdr, cdrs, held
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Window, placed_events
from tests.oracle.mobility_definitions import STATISTICS, Position
from tests.oracle.strategies import INSTANTS, SUBSCRIBERS, cells, events, units, windows
from tests.oracle.test_definitions import oracle, parameters, unit_of
from tests.oracle.test_definitions import pytestmark as pytestmark

POSITIONS = sorted({cell[4:] for cell in CELLS})


@attrs.frozen(eq=False, slots=False, repr=False)
class Homes(BaseLocation):
    """Positions as they are given, null ones among them."""

    homes: tuple[tuple[str, float | None, float | None], ...]
    spatial_unit: LonLatSpatialUnit = attrs.field(factory=LonLatSpatialUnit)

    def select(self, using: Compilation) -> Select[Any]:
        types = (("subscriber", sa.Text), ("lon", sa.Double), ("lat", sa.Double))
        rows = [
            sa.select(
                *(
                    sa.cast(sa.literal(value), kind).label(name)
                    for value, (name, kind) in zip(home, types, strict=True)
                )
            )
            for home in self.homes
        ]
        nobody = sa.select(*(sa.cast(sa.null(), kind).label(name) for name, kind in types)).where(sa.false())
        return sa.select(*sa.union_all(nobody, *rows).subquery("homes").c)


def homes_of(reference: dict[str, Position | None]) -> Homes:
    return Homes(tuple((who, *(home or (None, None))) for who, home in reference.items()))


references = st.dictionaries(
    st.sampled_from([*SUBSCRIBERS, "never seen"]), st.none() | st.sampled_from([*POSITIONS, (-170.0, 5.0)])
)


def check(found: dict[Any, Any], expected: dict[Any, Any]) -> None:
    """Compare numbers by key, null with null, up to the rounding of sums."""
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        wanted = value if value is None else pytest.approx(float(value), rel=1e-9, abs=1e-7)
        assert found[key] == wanted, key


def _number(value: Any) -> Any:
    return value if value is None else float(value)


def values(rows: Iterable[tuple[Any, ...]]) -> dict[Any, Any]:
    """Return the last column by the others, as numbers."""
    rows = list(rows)
    found = {row[0] if len(row) == 2 else row[:-1]: _number(row[-1]) for row in rows}
    assert len(found) == len(rows), "one row each"
    return found


@oracle
@given(data=events, window=windows(), unit=st.sampled_from(["km", "m"]))
def test_radius_of_gyration(run: Runner, data: list[Event], window: Window, unit: str) -> None:
    query = RadiusOfGyration(window.start, window.stop, unit, **parameters(window))
    expected = mobility_definitions.radius_of_gyration(data, window)
    found = values(run(data, query))
    check(found, {who: km * (1000 if unit == "m" else 1) for who, km in expected.items()})
    visited = defaultdict(set)
    for who, _, place in placed_events(data, window, "lon-lat"):
        visited[who].add(place)
    assert all(found[who] == 0 for who, places in visited.items() if len(places) == 1)


@oracle
@given(
    data=events,
    window=windows(),
    reference=references,
    statistic=st.sampled_from(STATISTICS),
    not_seen=st.booleans(),
)
def test_displacement(
    run: Runner,
    data: list[Event],
    window: Window,
    reference: dict[str, Position | None],
    statistic: str,
    not_seen: bool,
) -> None:
    query = Displacement(
        window.start,
        window.stop,
        homes_of(reference),
        statistic.upper(),
        return_subscribers_not_seen=not_seen,
        **parameters(window),
    )
    expected = mobility_definitions.displacement(data, window, reference, statistic, not_seen)
    check(values(run(data, query)), expected)


@pytest.mark.parametrize("unit", ["lon-lat", "versioned-cell"])
def test_displacement_from_a_daily_location(run: Runner, unit: str) -> None:
    data = random_events(seed=5, number=400, subscribers=20)
    day, then = (Window(INSTANTS[n], INSTANTS[n].replace(day=n // 6 + 2)) for n in (0, 6))
    home = daily_location(day.start, spatial_unit=make_spatial_unit(unit))
    reference = definitions.last_location(data, day, "lon-lat")
    query = Displacement(then.start, then.stop, home, "max", "m")
    expected = mobility_definitions.displacement(data, then, reference, "max", False)
    assert len(expected) > 10
    check(values(run(data, query)), {who: 1000 * km for who, km in expected.items()})


def located(window: Window) -> SubscriberLocations:
    return SubscriberLocations(
        window.start, window.stop, spatial_unit=make_spatial_unit("lon-lat"), **parameters(window)
    )


def named(series: mobility_definitions.Series, bucket: str) -> dict[Any, float | None]:
    return {
        (who, mobility_definitions.name_of(bucket, start)): value for (who, start), value in series.items()
    }


BUCKETS = ["second", "minute", "hour", "day", "week", "month", "quarter", "year", "century"]


@oracle
@given(
    data=events,
    window=windows(),
    reference=references | st.sampled_from([(0, 0), *POSITIONS]),
    statistic=st.sampled_from(STATISTICS),
    bucket=st.sampled_from(BUCKETS),
    narrowed=st.booleans(),
)
def test_distance_series(
    run: Runner,
    data: list[Event],
    window: Window,
    reference: dict[str, Position | None] | Position,
    statistic: str,
    bucket: str,
    narrowed: bool,
) -> None:
    locations: Any = located(window)
    if narrowed:  # rows as they are, not events
        locations = locations.subset("subscriber", SUBSCRIBERS)
    query = DistanceSeries(
        subscriber_locations=locations,
        reference_location=homes_of(reference) if isinstance(reference, dict) else reference,
        statistic=statistic,
        time_bucket=bucket.title(),
    )
    expected = mobility_definitions.distance_series(data, window, reference, statistic, bucket)
    check(values(run(data, query)), named(expected, bucket))


@pytest.fixture(scope="module", params=["arrays", "windows"])
def functions(request: pytest.FixtureRequest, superuser: sa.Engine) -> Iterator[str]:
    """Yield the form in which the median filters are there."""
    with median_windows(superuser) if request.param == "windows" else nullcontext():
        yield request.param


def test_the_faster_median_filters_are_found(superuser: sa.Engine, functions: str) -> None:
    with superuser.connect() as connection:
        facts, _ = survey(connection, RadiusOfGyration("2016-01-01", "2016-01-02"))
    assert facts.median_windows == (functions == "windows")


few: st.SearchStrategy[list[Event]] = st.lists(
    st.tuples(
        st.sampled_from(SUBSCRIBERS[:2]),
        st.sampled_from(INSTANTS),
        cells,
        st.booleans(),
        st.sampled_from(["calls", "sms"]),
    ),
    min_size=15,
    max_size=60,
)


@pytest.mark.usefixtures("functions")
@oracle
@given(
    data=few,
    window=windows(),
    statistic=st.sampled_from(["avg", "count", "stddev"]),
    bucket=st.sampled_from(["minute", "hour", "hour", "hour", "day", "week", "month"]),
    size=st.sampled_from([3, 5]),
)
def test_imputed_distance_series(
    run: Runner, data: list[Event], window: Window, statistic: str, bucket: str, size: int
) -> None:
    window = attrs.evolve(window, hours=None, subset=None)
    series = DistanceSeries(
        subscriber_locations=located(window),
        statistic=statistic,
        time_bucket=bucket,
        reference_location=(1, 0),
    )
    query = ImputedDistanceSeries(distance_series=series, window_size=size)
    observed = mobility_definitions.distance_series(data, window, (1, 0), statistic, bucket)
    expected = mobility_definitions.imputed_distance_series(observed, window, bucket, size)
    check(values(run(data, query)), named(expected, bucket))


@pytest.mark.parametrize("bucket", ["week", "month", "quarter", "year", "century"])
def test_buckets_longer_than_the_window_start_before_it(run: Runner, bucket: str) -> None:
    from flowmachine.core import moments, sql

    text = sql.render(moments.buckets_of(bucket, "2016-02-10 05:00:00", "2016-02-10 06:00:00"))
    start = mobility_definitions.bucket_of(bucket, INSTANTS[0].replace(month=2, day=10, hour=5))
    assert run([], CustomQuery(text, ["datetime"])) == [(start.date(),)]


@pytest.mark.usefixtures("functions")
def test_a_gap_takes_the_median_of_what_was_seen_before(run: Runner) -> None:
    at = [INSTANTS[0].replace(hour=hour) for hour in range(24)]
    seen = {1: "c0", 2: "c1", 3: "c2", 5: "c3", 6: "c3"}
    data: list[Event] = [("a", at[hour], cell, True, "calls") for hour, cell in seen.items()]
    series = DistanceSeries(
        subscriber_locations=SubscriberLocations(
            "2016-01-01", "2016-01-01 08:00", spatial_unit=make_spatial_unit("lon-lat")
        ),
        reference_location=(0.5, 0.5),
        time_bucket="hour",
    )
    found = values(run(data, ImputedDistanceSeries(distance_series=series)))
    far = [mobility_definitions.kilometres((0.5, 0.5), (n + 0.5, 0.5)) for n in range(4)]
    wanted = [far[1], far[0], far[1], far[2], far[1], far[3], far[3], far[3]]
    check(found, {("a", at[hour]): value for hour, value in enumerate(wanted)})


series_rows = st.lists(
    st.tuples(
        st.none() | st.sampled_from(["a", "b", "", "it's"]),
        st.none() | st.integers(0, 4),
        st.integers(-3, 9).map(float),
        st.none() | st.sampled_from(["x", "y"]),
    ),
    max_size=14,
)


@pytest.mark.usefixtures("functions")
@oracle
@given(
    rows=series_rows,
    size=st.sampled_from([3, 5, 7]),
    partition=st.sampled_from(["who", None]),
    order=st.sampled_from(["number", None]),
)
def test_iterative_median_filter(
    run: Runner, rows: list[tuple[Any, ...]], size: int, partition: str | None, order: str | None
) -> None:
    from flowmachine.core import sql

    names = {"who": sa.Text, "number": sa.Integer, "distance": sa.Numeric, "note": sa.Text}
    given_rows = sa.values(*(sa.column(name, kind) for name, kind in names.items()), name="given")
    typed = given_rows.data([*rows] or [(None,) * 4])
    select = sa.select(*(sa.cast(typed.c[name], kind).label(name) for name, kind in names.items()))
    text = sql.render(select if rows else select.where(sa.false()))
    query = IterativeMedianFilter(
        query_to_filter=CustomQuery(text, list(names)),
        filter_window_size=size,
        column_to_filter="distance",
        partition_column=partition,
        order_column=order,
    )

    def in_order(row: tuple[Any, ...]) -> tuple[Any, ...]:
        who, number, distance, note = row
        first = (number is None, number or 0) if order else ()
        ranks = [value for value, name in ((who, "who"), (number, "number"), (note, "note"))
                 if name not in (partition, order)]  # fmt: skip
        return (*first, distance, _as_text(ranks))

    parts = defaultdict(list)
    for row in rows:
        parts[row[0] if partition else None].append(row)
    expected: Counter[Any] = Counter()
    for part in parts.values():
        part.sort(key=in_order)
        medians = mobility_definitions.filtered([row[2] for row in part], size)
        expected.update(
            (who, number, note, median) for (who, number, _, note), median in zip(part, medians, strict=True)
        )
    assert query.column_names == ["who", "number", "note", "distance"]
    assert Counter(run([], query)) == expected


def _as_text(row: list[Any]) -> str:
    """Write a row as PostgreSQL does, as far as the values here go."""
    quoted = {None: "", "": '""'}
    return "(" + ",".join(quoted.get(value, str(value)) for value in row) + ")"


@pytest.mark.usefixtures("functions")
def test_a_null_cannot_be_filtered(run: Runner) -> None:
    names = ["subscriber", "datetime", "value"]
    rows = CustomQuery("SELECT 'a' AS subscriber, 1 AS datetime, NULL::float8 AS value", names)
    query = IterativeMedianFilter(query_to_filter=rows, filter_window_size=3)
    with pytest.raises(sa.exc.DBAPIError, match="a value is null: leave it out, or impute it before"):
        run([], query)


PHASES = {
    "century": lambda t: math.ceil(t.year / 100),
    "day": lambda t: t.day,
    "decade": lambda t: t.year // 10,
    "dow": lambda t: t.isoweekday() % 7,
    "doy": lambda t: t.timetuple().tm_yday,
    "epoch": lambda t: t.timestamp(),
    "hour": lambda t: t.hour,
    "isodow": lambda t: t.isoweekday(),
    "isoyear": lambda t: t.isocalendar().year,
    "microseconds": lambda t: t.second,
    "millennium": lambda t: math.ceil(t.year / 1000),
    "milliseconds": lambda t: t.second,
    "minute": lambda t: t.minute,
    "month": lambda t: t.month,
    "quarter": lambda t: (t.month - 1) // 3,
    "second": lambda t: t.second,
    "week": lambda t: t.isocalendar().week,
    "year": lambda t: t.year,
}


@oracle
@given(data=cdrs(), window=windows(directed=True), phase=st.sampled_from(sorted(PHASES)))
def test_periodic_entropy(run: Runner, data: list[Cdr], window: Window, phase: str) -> None:
    given = parameters(window)
    query = PeriodicEntropy(
        window.start, window.stop, phase, direction=window.direction, tables=given.pop("table"), **given
    )
    categories = [(cdr.msisdn, PHASES[phase](cdr.datetime)) for cdr in held(data, window)]
    check(values(run(data, query)), mobility_definitions.entropy(categories))


@oracle
@given(data=events, window=windows(), unit=units, ignore_nulls=st.booleans())
def test_location_entropy(
    run: Runner, data: list[Event], window: Window, unit: str, ignore_nulls: bool
) -> None:
    given = parameters(window)
    query = LocationEntropy(
        window.start,
        window.stop,
        spatial_unit=unit_of(unit),
        ignore_nulls=ignore_nulls,
        tables=given.pop("table"),
        **given,
    )
    places = [(who, place) for who, _, place in placed_events(data, window, unit)]
    if unit == "cell" and not ignore_nulls:
        places = [(event[0], event[2] or None) for event in data if window.holds(event)]
    found = values(run(data, query))
    check(found, mobility_definitions.entropy(places))
    assert all(value == 0 for who, value in found.items() if len({p for w, p in places if w == who}) == 1)


@oracle
@given(
    data=cdrs(),
    window=windows(directed=True),
    exclude=st.booleans(),
    identifier=st.sampled_from(["msisdn", "imei"]),
)
def test_contact_entropy(
    run: Runner, data: list[Cdr], window: Window, exclude: bool, identifier: str
) -> None:
    window = window if identifier == "msisdn" else attrs.evolve(window, subset=None)
    given = parameters(window)
    query = ContactEntropy(
        window.start,
        window.stop,
        subscriber_identifier=identifier,
        direction=window.direction,
        exclude_self_calls=exclude,
        tables=given.pop("table"),
        **given,
    )
    contacts = [
        (getattr(cdr, identifier), cdr.msisdn_counterpart)
        for cdr in held(data, window)
        if getattr(cdr, identifier) and cdr.msisdn_counterpart
    ]
    if exclude:
        contacts = [(who, other) for who, other in contacts if who != other]
    check(values(run(data, query)), mobility_definitions.entropy(contacts))
