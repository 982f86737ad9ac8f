"""Flows with labels on a map: label by label, then by the other place."""

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from flowmachine.core import make_spatial_unit
from flowmachine.core.disclosure import disclose
from flowmachine.core.execute import Engine
from flowmachine.core.geojson import result_features
from flowmachine.features import daily_location
from flowmachine.features.location.labelled_flows import LabelledFlows
from flowmachine.features.subscriber.event_count import EventCount
from tests.country import insert_events

pytestmark = pytest.mark.filterwarnings("ignore:.*calendar dates missing")
NOON = dt.datetime(2016, 1, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
# Twenty go from R0 to R1, of whom those with an odd number have two events on the first day.
EVENTS = [
    *((f"s{n}", NOON, "c0", True, "calls") for n in range(40)),
    *((f"s{n}", NOON, "c0", True, "calls") for n in range(1, 40, 2)),
    *((f"s{n}", NOON + DAY, "c1", True, "calls") for n in range(40)),
    ("only then", NOON + DAY, "c1", True, "calls"),
]


@pytest.fixture(autouse=True)
def events(superuser: sa.Engine) -> Iterator[None]:
    """Have the events of this module in FlowDB."""
    with superuser.begin() as connection:
        insert_events(connection, EVENTS)
    yield
    with superuser.begin() as connection:
        connection.execute(sa.delete(sa.table("calls", schema="events")))


def labelled(*columns: str, join_type: str = "inner", direction: str = "both") -> LabelledFlows:
    day, following = (
        daily_location(date, spatial_unit=make_spatial_unit("admin", level=3))
        for date in ("2016-01-01", "2016-01-02")
    )
    count = EventCount("2016-01-01", "2016-01-02", direction=direction)
    labels = count.join(day, "subscriber") if "pcod" in columns else count
    return LabelledFlows(loc1=day, loc2=following, labels=labels, label_columns=columns, join_type=join_type)


def by_place(collection: dict) -> dict[str, dict]:
    return {feature["properties"]["pcod"]: feature["properties"] for feature in collection["features"]}


def test_flows_are_nested_by_label(engine: Engine) -> None:
    places = by_place(labelled("value").to_geojson())
    assert places["R0"]["outflows"] == {"1": {"R1": 20}, "2": {"R1": 20}}
    assert places["R0"]["inflows"] == places["R1"]["outflows"] == {}
    assert places["R1"]["inflows"] == {"1": {"R0": 20}, "2": {"R0": 20}}
    assert places["R0"]["centroid"]["type"] == "Point"


def test_every_label_is_a_level(engine: Engine) -> None:
    places = by_place(labelled("value", "pcod").to_geojson())
    assert places["R0"]["outflows"] == {"1": {"R0": {"R1": 20}}, "2": {"R0": {"R1": 20}}}


def test_a_missing_place_is_left_out_and_a_missing_label_is_null(engine: Engine) -> None:
    places = by_place(labelled("value", join_type="full outer").to_geojson())
    assert places["R1"]["inflows"] == {"1": {"R0": 20}, "2": {"R0": 20}}
    assert set(places) == {"R0", "R1"}
    nobody_received = by_place(labelled("value", direction="in").to_geojson())
    assert nobody_received["R0"]["outflows"] == {"null": {"R1": 40}}


def test_what_is_released_is_nested_too(engine: Engine) -> None:
    released = disclose(labelled("value"), 15)
    released.store().result()
    with engine.connection.lookups.connect() as connection:
        properties = [row.properties for row in connection.execute(result_features(released))]
    outflows = {found["pcod"]: found["outflows"] for found in properties}
    assert outflows["R0"] == {"1": {"R1": 20}, "2": {"R1": 20}}
