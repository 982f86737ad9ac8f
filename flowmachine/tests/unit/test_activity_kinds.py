"""The kinds about what subscribers did: what they build, and what is said of specs that are not valid."""

from typing import Any

import pytest
from pydantic import ValidationError

from flowmachine.api.base import QuerySpec
from flowmachine.api.errors import messages
from flowmachine.api.kinds.calendar_activity import CalendarActivity
from flowmachine.api.kinds.nocturnal_events import NocturnalEvents
from flowmachine.api.kinds.pareto_interactions import ParetoInteractions
from flowmachine.api.kinds.subscriber_degree import SubscriberDegree
from flowmachine.api.kinds.total_active_periods import TotalActivePeriods
from flowmachine.api.kinds.unique_location_counts import UniqueLocationCounts
from flowmachine.core import make_spatial_unit
from flowmachine.core.disclosure import Redacted
from flowmachine.core.query import Query
from flowmachine.core.subset import StoredSubscribers
from flowmachine.features.nonspatial_aggregates.per_value_aggregate import PerValueAggregate
from flowmachine.features.subscriber import (
    calendar_activity,
    nocturnal_events,
    pareto_interactions,
    subscriber_degree,
    total_active_periods,
    unique_location_counts,
)
from tests.examples import WINDOW, Spec

SOME = "0123456789abcdef" * 2
EVENTS = {"event_types": ["calls", "sms"], "subscriber_subset": SOME}
HOURS = {"hours": {"start_hour": 6, "end_hour": 22}}
NIGHT = {"start_hour": 1, "end_hour": 5}
PERIODS = {"start_date": "2016-01-01", "total_periods": 4, "period_length": 2, "period_unit": "hours"}
SAMPLE = {"sampling": {"sampling_method": "bernoulli", "seed": 0.5, "fraction": 0.5}}
BUILT = {"subscriber_subset": StoredSubscribers(SOME)}
TABLES = ["events.calls", "events.sms"]
DATES = ("2016-01-01", "2016-01-03")


def spec_of(kind: type[QuerySpec], **parameters: Any) -> Spec:
    return {"query_kind": kind.kind(), **parameters}


EXAMPLES: list[tuple[type[QuerySpec], Spec, Query]] = [
    (
        SubscriberDegree,
        {**WINDOW, **EVENTS, **HOURS, "direction": "out"},
        subscriber_degree.SubscriberDegree(*DATES, hours=(6, 22), tables=TABLES, direction="out", **BUILT),
    ),
    (
        ParetoInteractions,
        {**WINDOW, **EVENTS, **HOURS, "proportion": 0.7},
        pareto_interactions.ParetoInteractions(*DATES, 0.7, hours=(6, 22), tables=TABLES, **BUILT),
    ),
    (
        NocturnalEvents,
        {**WINDOW, **EVENTS, "night_hours": NIGHT},
        nocturnal_events.NocturnalEvents(*DATES, (1, 5), tables=TABLES, **BUILT),
    ),
    (
        UniqueLocationCounts,
        {**WINDOW, **EVENTS, **HOURS, "aggregation_unit": "admin2"},
        unique_location_counts.UniqueLocationCounts(
            *DATES, spatial_unit=make_spatial_unit("admin", level=2), hours=(6, 22), tables=TABLES, **BUILT
        ),
    ),
    (
        TotalActivePeriods,
        {**PERIODS, **EVENTS, **HOURS},
        total_active_periods.TotalActivePeriodsSubscriber(
            "2016-01-01", 4, 2, "hours", (6, 22), TABLES, **BUILT
        ),
    ),
    (
        CalendarActivity,
        {**PERIODS, **EVENTS, **HOURS},
        PerValueAggregate(
            calendar_activity.CalendarActivity("2016-01-01", 4, 2, "hours", (6, 22), TABLES, **BUILT)
        ),
    ),
]
SAMPLED = {SubscriberDegree, ParetoInteractions, NocturnalEvents, CalendarActivity}


@pytest.mark.parametrize(("kind", "parameters", "query"), EXAMPLES, ids=lambda value: "")
def test_what_a_kind_builds(kind: type[QuerySpec], parameters: Spec, query: Query) -> None:
    assert kind.model_validate(spec_of(kind, **parameters)).build() == query


@pytest.mark.parametrize(("kind", "parameters", "query"), EXAMPLES, ids=lambda value: "")
def test_which_kinds_can_be_sampled(kind: type[QuerySpec], parameters: Spec, query: Query) -> None:
    spec = spec_of(kind, **parameters, **SAMPLE)
    if kind not in SAMPLED:
        assert said_of(kind, spec) == {"sampling": ["Unknown field."]}
    elif kind is not CalendarActivity:
        expected = query.random_sample("bernoulli", fraction=0.5, seed=0.5)
        assert kind.model_validate(spec).build() == expected


def test_calendars_are_sampled_after_redaction() -> None:
    kind, parameters, query = EXAMPLES[-1]
    exposed = CalendarActivity.model_validate(spec_of(kind, **parameters, **SAMPLE)).expose(20)
    assert exposed == Redacted(target=query, threshold=20).random_sample("bernoulli", fraction=0.5, seed=0.5)
    assert exposed.column_names == ["grp", "value"]


def said_of(kind: type[QuerySpec], spec: Spec) -> dict[str, Any]:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(spec)
    return messages(caught.value, spec)


MISSING = ["Missing data for required field."]


@pytest.mark.parametrize(
    ("kind", "parameters", "expected"),
    [
        (SubscriberDegree, {**WINDOW, "direction": "up"}, {"direction": ["Must be one of: in, out, both."]}),
        (ParetoInteractions, WINDOW, {"proportion": MISSING}),
        (
            ParetoInteractions,
            {**WINDOW, "proportion": 1.5},
            {"proportion": ["Must be greater than or equal to 0.0 and less than or equal to 1.0."]},
        ),
        (ParetoInteractions, {**WINDOW, "proportion": "most"}, {"proportion": ["Not a valid number."]}),
        (NocturnalEvents, WINDOW, {"night_hours": MISSING}),
        (
            NocturnalEvents,
            {**WINDOW, "night_hours": NIGHT, "hours": NIGHT},
            {"hours": ["Unknown field."]},
        ),
        (NocturnalEvents, {**WINDOW, "night_hours": None}, {"night_hours": ["Field may not be null."]}),
        (
            NocturnalEvents,
            {**WINDOW, "night_hours": {"start_hour": 25}},
            {
                "night_hours": {
                    "start_hour": ["Must be greater than or equal to 0 and less than or equal to 24."],
                    "end_hour": MISSING,
                }
            },
        ),
        (UniqueLocationCounts, WINDOW, {"aggregation_unit": MISSING}),
        (TotalActivePeriods, {"start_date": "2016-01-01"}, {"total_periods": MISSING}),
        (
            TotalActivePeriods,
            {**PERIODS, "period_unit": "weeks"},
            {"period_unit": ["Must be one of: days, hours, minutes."]},
        ),
        (
            CalendarActivity,
            {**PERIODS, "total_periods": 0, "period_length": "long"},
            {
                "total_periods": ["Must be greater than or equal to 1."],
                "period_length": ["Not a valid integer."],
            },
        ),
    ],
)
def test_what_is_said_of_a_spec(kind: type[QuerySpec], parameters: Spec, expected: dict[str, Any]) -> None:
    assert said_of(kind, spec_of(kind, **parameters)) == expected


def test_numbers_may_be_text() -> None:
    spec = spec_of(CalendarActivity, **{**PERIODS, "total_periods": "4", "period_length": "2"})
    same = spec_of(CalendarActivity, **PERIODS)
    assert CalendarActivity.model_validate(spec).build() == CalendarActivity.model_validate(same).build()


@pytest.mark.parametrize("proportion", [0, 1])
def test_all_or_nothing_is_no_proportion(proportion: int) -> None:
    spec = ParetoInteractions.model_validate(spec_of(ParetoInteractions, **WINDOW, proportion=proportion))
    with pytest.raises(ValueError, match="greater than 0 and less than 1"):
        spec.build()


@pytest.mark.parametrize("unit", ["days", "hours", "minutes"])
def test_periods_end(unit: str) -> None:
    spec = spec_of(CalendarActivity, **{**PERIODS, "total_periods": 10**10, "period_unit": unit})
    with pytest.raises(ValueError, match="after the year 9999"):
        CalendarActivity.model_validate(spec).build()
