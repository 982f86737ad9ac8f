"""What FlowAPI releases is exactly the groups of more than 15 subscribers, whatever is asked."""

from typing import Any

import pytest
from api import Api
from definitions import World, place_columns, released
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from specs import Spec, aggregate, daily, event_counts, flows, modal, unique_subscribers

DAYS = ("2016-01-01", "2016-01-02", "2016-01-03", "2016-01-04", "2016-01-05")

units = st.sampled_from(["admin0", "admin1", "admin2", "admin3", "admin3", "lon-lat"])
event_types = st.one_of(st.none(), st.lists(st.sampled_from(["calls", "sms"]), min_size=1, max_size=3))
hour = st.integers(0, 24)
hours = st.one_of(st.none(), st.fixed_dictionaries({"start_hour": hour, "end_hour": hour}))
which_events = st.fixed_dictionaries({"event_types": event_types, "hours": hours})


@st.composite
def windows(draw: st.DrawFn) -> dict[str, str]:
    """Draw a window of time, which may begin or end within a day."""
    start, end = sorted(draw(st.lists(st.integers(0, 24 * 4), min_size=2, max_size=2, unique=True)))
    text = [f"{DAYS[number // 24]}T{number % 24:02}:00:00" for number in (start, end)]
    return {"start_date": text[0], "end_date": text[1]}


@st.composite
def locations(draw: st.DrawFn, unit: str) -> Spec:
    """Draw a daily or modal location."""

    def one(day: str) -> Spec:
        method = draw(st.sampled_from(["last", "most-common"]))
        return daily(day, unit, method, **draw(which_events))

    days = draw(st.lists(st.sampled_from(DAYS[:4]), min_size=1, max_size=3))
    if len(days) == 1:
        return one(days[0])
    return {"query_kind": "modal_location", "locations": [one(day) for day in days]}


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Draw a query of any kind that counts subscribers or their events."""
    kind = draw(st.sampled_from(["aggregate", "flows", "unique", "events"]))
    unit = draw(units)
    if kind == "aggregate":
        return aggregate(draw(locations(unit)))
    if kind == "flows":
        join = draw(st.sampled_from(["inner", "left", "right", "full outer"]))
        return flows(draw(locations(unit)), draw(locations(unit)), join_type=join)
    more = draw(windows()) | draw(which_events)
    if kind == "unique":
        return unique_subscribers(unit, **more)
    direction = draw(st.sampled_from(["in", "out", "both"]))
    return event_counts(draw(st.sampled_from(["day", "hour", "min"])), unit, direction=direction, **more)


def check(api: Api, world: World, spec: Spec) -> tuple[int, int]:
    """Compare a result with its definition; return how many groups were released, and how many there are."""
    allowed = world.released(spec)
    assert released(api.rows(spec)) == allowed
    return len(allowed), len(world.groups(spec))


@given(spec=specs())
@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_random_queries(api: Api, world: World, spec: Spec) -> None:
    shown, all_groups = check(api, world, spec)
    note(f"{shown} of {all_groups} groups released")


EARLY: dict[str, Any] = {"event_types": ["calls"], "hours": {"start_hour": 5, "end_hour": 9}}

SPARSE: dict[str, Spec] = {
    "aggregate, last": aggregate(daily(DAYS[0], **EARLY)),
    "aggregate, most-common": aggregate(daily(DAYS[1], "lon-lat", "most-common", **EARLY)),
    "aggregate, modal": aggregate(
        {"query_kind": "modal_location", "locations": [daily(day, **EARLY) for day in DAYS[:2]]}
    ),
    "flows": flows(daily(DAYS[0]), daily(DAYS[1])),
    "unique subscribers": unique_subscribers(**EARLY),
    "events by hour": event_counts("hour", "admin2"),
    "events by min": event_counts("min", "admin0"),
}


@pytest.mark.parametrize("name", SPARSE)
def test_some_groups_are_shown_and_others_hidden(api: Api, world: World, name: str) -> None:
    """The comparison would say little if all groups were large, or all small."""
    shown, all_groups = check(api, world, SPARSE[name])
    assert 0 < shown < all_groups


def test_a_group_of_sixteen_is_the_smallest_shown(api: Api, world: World) -> None:
    """Somewhere in the data is a group of exactly 15 that is not shown, and one of 16 that is."""
    sizes, shown = set[int](), set[int]()
    for day in DAYS[:4]:
        for unit in ("admin3", "lon-lat"):
            for spec in (aggregate(daily(day, unit)), flows(daily(day, unit), modal(*DAYS[:3], unit=unit))):
                sizes |= {people for _, people in world.groups(spec).values()}
                shown |= set(released(api.rows(spec)).values())
    assert {15, 16} <= sizes
    assert min(shown) == 16


@pytest.mark.parametrize("file_type", ["csv", "geojson"])
def test_every_format_shows_the_same_groups(api: Api, world: World, file_type: str) -> None:
    spec = aggregate(modal(*DAYS[:2]))
    allowed = world.released(spec).keys()
    response = api.get(f"get/{api.complete(spec)}.{file_type}")
    if file_type == "csv":
        found = {(line.split(",")[0],) for line in response.text.splitlines()[1:]}
    else:
        found = {(feature["properties"]["pcod"],) for feature in response.json()["features"]}
    assert found == allowed


def test_flows_on_the_map_hold_no_hidden_pair(api: Api, world: World) -> None:
    spec = flows(daily(DAYS[0]), daily(DAYS[1]))
    features = api.get(f"get/{api.complete(spec)}.geojson").json()["features"]
    outflows = {
        (feature["properties"]["pcod"], other): value
        for feature in features
        for other, value in (feature["properties"]["outflows"] or {}).items()
    }
    inflows = {
        (other, feature["properties"]["pcod"]): value
        for feature in features
        for other, value in (feature["properties"]["inflows"] or {}).items()
    }
    assert outflows == inflows == world.released(spec)


def test_subscriber_level_queries_cannot_be_run(api: Api) -> None:
    for spec in (daily(), modal(*DAYS[:2])):
        response = api.run(spec)
        assert response.status_code == 400
        assert f"Unsupported value: {spec['query_kind']}" in response.json()["msg"]


@pytest.mark.parametrize("unit", ["admin1", "admin3", "lon-lat"])
def test_flows_there_and_back(api: Api, unit: str) -> None:
    """The order of the two locations matters: another id, and the transposed result."""
    there = flows(daily(DAYS[0], unit), daily(DAYS[1], unit))
    back = flows(daily(DAYS[1], unit), daily(DAYS[0], unit))
    assert api.complete(there) != api.complete(back)
    width = len(place_columns(unit))
    found = released(api.rows(there))
    assert found
    transposed = {(*key[width:], *key[:width]): value for key, value in found.items()}
    assert transposed == released(api.rows(back))
