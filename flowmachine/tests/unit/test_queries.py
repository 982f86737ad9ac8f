"""Query values: what they refuse, what they say of themselves."""

import attrs
import pytest

from flowmachine.core import make_spatial_unit
from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import Redacted, disclose
from flowmachine.core.errors import (
    DisclosureError,
    InvalidSpatialUnitError,
    MissingColumnsError,
    MissingDateError,
    NotConnectedError,
)
from flowmachine.core.facts import Facts
from flowmachine.core.plan import make_plan
from flowmachine.core.query import Query
from flowmachine.features import (
    Flows,
    Geography,
    LastLocation,
    ModalLocation,
    SpatialAggregate,
    TotalLocationEvents,
    daily_location,
)

DAY = daily_location("2016-01-01")
COUNTS = SpatialAggregate(locations=DAY)


def test_a_query_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        DAY.start = "2016-01-02"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LastLocation("yesterday", "2016-01-01"), "could not be parsed as a date"),
        (lambda: LastLocation("2016-01-01", "2016-01-02", hours=(1, 25)), "hours must be from 0 to 24"),
        (lambda: LastLocation("2016-01-01", "2016-01-02", hours="noon"), "two whole numbers"),
        (lambda: LastLocation("2016-01-01", "2016-01-02", table=[]), "Empty tables list"),
        (lambda: LastLocation("2016-01-01", "2016-01-02", table="pg_catalog.pg_user"), "like 'events.calls'"),
        (lambda: LastLocation("2016-01-01", "2016-01-02", spatial_unit="admin3"), "Expected a spatial unit"),
        (lambda: LastLocation("2016-01-01", "2016-01-02", subscriber_identifier="name"), "msisdn"),
        (lambda: LastLocation("2016-01-01", "2016-01-02", subscriber_subset=7), "A subscriber subset is"),
        (lambda: LastLocation("2016-01-01", "2016-01-02", subscriber_subset=COUNTS), "named 'subscriber'"),
        (lambda: daily_location("2016-01-01", method="first"), "expected 'last' or 'most-common'"),
        (lambda: TotalLocationEvents("2016-01-01", "2016-01-02", interval="week"), "week"),
        (lambda: ModalLocation(), "at least one location"),
        (lambda: Flows(DAY, DAY, join_type="outer"), "join_type"),
        (lambda: make_spatial_unit("district"), "Unknown spatial unit"),
        (lambda: make_spatial_unit("admin"), "needs a level"),
        (lambda: make_spatial_unit("lon-lat", mapping_table="geography.m"), "together or not at all"),
        (lambda: make_spatial_unit("admin", level=3, mapping_table="events.calls"), "must be in one of"),
    ],
)  # fmt: skip
def test_bad_parameters_are_refused_with_what_would_be_right(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_locations_of_different_units_do_not_go_together() -> None:
    other = daily_location("2016-01-02", spatial_unit=make_spatial_unit("admin", level=2))
    with pytest.raises(InvalidSpatialUnitError):
        Flows(DAY, other)
    with pytest.raises(InvalidSpatialUnitError):
        ModalLocation(DAY, other)
    with pytest.raises(InvalidSpatialUnitError):
        Geography(make_spatial_unit("cell"))


def test_columns_are_read_off_the_select() -> None:
    assert Flows(DAY, DAY).column_names == ["pcod_from", "pcod_to", "value"]
    assert DAY.column_names == ["subscriber", "pcod"]
    assert ModalLocation(
        daily_location("2016-01-01", spatial_unit=make_spatial_unit("lon-lat"))
    ).column_names == [
        "subscriber",
        "lon",
        "lat",
    ]
    counts = TotalLocationEvents("2016-01-01", "2016-01-02", interval="min")
    assert counts.column_names == ["location_id", "date", "hour", "min", "value"]


def test_index_columns() -> None:
    assert DAY.index_columns == [("pcod",), ("subscriber",)]
    assert Flows(DAY, DAY).index_columns == [("pcod_from",), ("pcod_to",)]
    assert SpatialAggregate(locations=DAY).index_columns == [("pcod",)]


def test_a_query_needs_a_connection_only_when_it_is_run() -> None:
    with pytest.raises(NotConnectedError, match=r"flowmachine\.connect"):
        DAY.store()


def test_an_aggregate_is_redacted_and_anything_individual_refused() -> None:
    assert isinstance(disclose(SpatialAggregate(locations=DAY), 15), Redacted)
    with pytest.raises(DisclosureError, match="individuals"):
        disclose(DAY, 15)
    with pytest.raises(DisclosureError, match="individuals"):
        disclose(ModalLocation(DAY), 15)
    geography = Geography(make_spatial_unit("admin", level=3))
    assert disclose(geography, 15) is geography


def test_the_threshold_has_a_floor() -> None:
    with pytest.raises(DisclosureError, match="at least 15"):
        disclose(SpatialAggregate(locations=DAY), 14)


def test_a_shared_input_is_written_once(facts: Facts) -> None:
    using = Compilation(facts)
    flows = Flows(ModalLocation(DAY, daily_location("2016-01-02")), DAY)
    from flowmachine.core import sql

    text = sql.render(flows.select(using))
    assert text.count("events.calls.datetime >= ") == 2  # once per day, though three inputs read them
    assert text.count("ST_Within") == 1


def test_a_plan_stores_reusable_inputs_in_the_order_of_need(facts: Facts) -> None:
    query = disclose(Flows(ModalLocation(DAY, daily_location("2016-01-02")), DAY), 15)
    steps = make_plan(query, facts).steps
    kinds = [type(step.query).__name__ for step in steps]
    assert sorted(kinds) == sorted(
        ["AdminSpatialUnit", "LastLocation", "LastLocation", "ModalLocation", "Redacted"]
    )
    done: set[str] = set()
    for step in steps:
        assert step.inputs <= done
        done.add(step.query.query_id)
    assert [
        type(step.query).__name__ for step in make_plan(query, facts, store_dependencies=False).steps
    ] == ["Redacted"]


def test_nothing_below_a_stored_query_is_planned(facts: Facts) -> None:
    import attrs as attributes

    modal = ModalLocation(DAY, daily_location("2016-01-02"))
    query = SpatialAggregate(locations=modal)
    known = attributes.evolve(facts, stored={modal.query_id: "ModalLocation"})
    (step,) = make_plan(query, known).steps
    assert step.query is query
    assert step.statement().reads == {modal.query_id}
    assert make_plan(query, attributes.evolve(facts, stored={query.query_id: "SpatialAggregate"})).steps == ()


@pytest.mark.parametrize(
    ("query", "error", "message"),
    [
        (daily_location("2015-12-31"), MissingDateError, "2015-12-31"),
        (daily_location("2016-01-01", table="events.topups"), MissingDateError, "events.topups"),
        (LastLocation("2016-01-02", "2016-01-01"), ValueError, "must be after its start"),
        (LastLocation("2016-01-02", "2016-01-02"), ValueError, "must be after its start"),
        (
            TotalLocationEvents("2016-01-01", "2016-01-02", table="events.mds", direction="in"),
            MissingColumnsError,
            "events.mds must have the columns outgoing",
        ),
    ],
)
def test_what_flowdb_cannot_answer_is_refused_when_planned(
    facts: Facts, query: Query, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make_plan(query, facts)
