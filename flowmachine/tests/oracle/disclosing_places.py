"""Who is behind the rows of the kinds about where subscribers belong, how they move and when they act."""

import datetime as dt
import math
from collections import Counter
from typing import Any

from hypothesis import strategies as st

from tests.oracle import activity_definitions, locating_definitions
from tests.oracle import aggregates_definitions as meaning
from tests.oracle.aggregates_definitions import Contributions, Key
from tests.oracle.cdr import Cdr
from tests.oracle.definitions import Place
from tests.oracle.disclosing import Kind, People, large_enough, located, placed, sampled, seen, window_of
from tests.oracle.spec_strategies import (
    EVENT_FIELDS,
    SAMPLING,
    UNIT,
    WIDTH,
    Spec,
    locations,
    sampling_in,
    specs,
    unique_locations,
    windowed,
)


def together(people: People, spec: Spec) -> set[Key]:
    """Return the keys of the rows all of whose labels have more than 15 contributors."""
    few = {key[:-1] for key in people if key not in large_enough(people, spec)}
    return {key for key in people if key[:-1] not in few}


def _active(data: list[Cdr], spec: Spec) -> Contributions:
    reference = located(data, spec["reference_locations"])
    return sorted(seen(data, spec["unique_locations"]) & reference.items())


def _unmoving(data: list[Cdr], spec: Spec) -> Contributions:
    places = seen(data, spec["locations"])
    staying = locating_definitions.unmoving(places)
    return [(who, place) for who, place in sorted(places) if staying[who]]


def _unmoving_at_reference(data: list[Cdr], spec: Spec) -> Contributions:
    reference = located(data, spec["reference_locations"])
    staying = locating_definitions.unmoving_at_reference(seen(data, spec["locations"]), reference)
    return [(who, reference[who]) for who, stays in staying.items() if stays]


def _visitors(data: list[Cdr], spec: Spec) -> Contributions:
    residents = _active(data, spec["active_at_reference_location_counts"])
    everybody = {(who, place) for who, _, place in placed(data, spec["unique_subscriber_counts"])}
    return [
        (who, (*place, kind))
        for kind, who_where in enumerate((residents, everybody))
        for who, place in who_where
    ]


def _none_small(people: People, spec: Spec) -> set[Key]:
    """Return the places of whose residents, subscribers and visitors there are many each."""
    places = {key[:-1] for key in people}
    counts = {place: [len(people.get((*place, kind), ())) for kind in (0, 1)] for place in places}
    return {place for place, (some, all_) in counts.items() if min(some, all_, all_ - some) > 15}


def _active_counts(unit: str) -> st.SearchStrategy[Spec]:
    return specs(
        "active_at_reference_location_counts",
        unique_locations=unique_locations(unit),
        reference_locations=locations(unit),
    )


_periods = {
    "start_date": st.just("2016-01-01"),
    "total_periods": st.integers(1, 3),
    "period_length": st.integers(8, 24),
    "period_unit": st.just("hours"),
}


def _activity(data: list[Cdr], spec: Spec) -> dict[str, tuple[dt.datetime, ...]]:
    length = dt.timedelta(hours=spec["period_length"])
    start = dt.datetime(2016, 1, 1)  # noqa: DTZ001 - replaced by that of the window
    end = (start + spec["total_periods"] * length).isoformat()
    active = activity_definitions.active_periods(data, window_of(spec | {"end_date": end}), length)
    return {who: tuple(sorted(starts)) for who, starts in active.items()}


def _localised(data: list[Cdr], spec: Spec) -> Contributions:
    labels = {who: [starts] for who, starts in _activity(data, spec).items()}
    return meaning.labelled(located(data, spec["reference_location"]), labels)


@st.composite
def _coalesced(draw: st.DrawFn, unit: str) -> Spec:
    daily = st.lists(locations(unit, sampled=False), min_size=1, max_size=2)
    visits = specs("location_visits", locations=daily)
    majority = specs(
        "majority_location",
        subscriber_location_weights=visits,
        minimum_total_weight=st.sampled_from([0, 2]),
        include_unlocatable=st.booleans(),
    )
    return draw(
        specs(
            "coalesced_location",
            preferred_location=majority,
            fallback_location=majority,
            subscriber_location_weights=visits,
            weight_threshold=st.sampled_from([0, 1, 2]),
            sampling=sampling_in(unit),
        )
    )


def _weights(data: list[Cdr], spec: Spec) -> list[tuple[str, Place, float]]:
    visits = Counter(row for location in spec["locations"] for row in located(data, location).items())
    return [(who, place, days) for (who, place), days in visits.items()]


def _majority(data: list[Cdr], spec: Spec, width: int) -> dict[str, Place]:
    weights = _weights(data, spec["subscriber_location_weights"])
    found = dict(locating_definitions.majority_location(weights, spec["minimum_total_weight"]))
    nowhere = {who: (None,) * width for who, _, _ in weights} if spec["include_unlocatable"] else {}
    return nowhere | found


def _coalesced_location(data: list[Cdr], spec: Spec) -> dict[str, Place]:
    width = WIDTH[_unit_of(spec)]
    weights = _weights(data, spec["subscriber_location_weights"])
    preferred, fallback = (
        _majority(data, spec[f"{name}_location"], width) for name in ("preferred", "fallback")
    )
    kept = locating_definitions.filtered(fallback.items(), weights, spec["weight_threshold"], math.inf)
    found = locating_definitions.coalesced_location(preferred, dict(kept))
    return {row[0]: row[1:] for row in sampled([(who, *place) for who, place in found.items()], spec)}


def _unit_of(spec: Spec) -> str:
    return str(spec["subscriber_location_weights"]["locations"][0]["aggregation_unit"])


def _labels(unit: str) -> st.SearchStrategy[Spec]:
    return specs(
        "mobility_classification",
        locations=st.lists(_coalesced(unit), min_size=1, max_size=2),
        stay_length_threshold=st.sampled_from([1, 2]),
        sampling=SAMPLING,
    )


def _classes(data: list[Cdr], spec: Spec) -> dict[str, list[Any]]:
    periods = [_coalesced_location(data, location) for location in spec["locations"]]
    found = locating_definitions.mobility_classification(periods, spec["stay_length_threshold"])
    return {who: [name] for who, name in sampled(list(found.items()), spec)}


def _labelled_places(data: list[Cdr], spec: Spec) -> Contributions:
    return meaning.labelled(_coalesced_location(data, spec["locations"]), _classes(data, spec["labels"]))


def _labelled_flows(data: list[Cdr], spec: Spec) -> Contributions:
    first, then = (_coalesced_location(data, spec[name]) for name in ("from_location", "to_location"))
    pairs = meaning.pairs(first, then, spec["join_type"], WIDTH[_unit_of(spec["from_location"])])
    return meaning.labelled(pairs, _classes(data, spec["labels"]))


KINDS: dict[str, Kind] = {
    "active_at_reference_location_counts": Kind(UNIT.flatmap(_active_counts), _active),
    "unique_visitor_counts": Kind(
        UNIT.flatmap(
            lambda unit: specs(
                "unique_visitor_counts",
                active_at_reference_location_counts=_active_counts(unit),
                unique_subscriber_counts=windowed("unique_subscriber_counts", aggregation_unit=st.just(unit)),
            )
        ),
        _visitors,
        released=_none_small,
        rows=lambda people: {key[:-1] for key in people},
    ),
    "unmoving_counts": Kind(
        UNIT.flatmap(lambda unit: specs("unmoving_counts", locations=unique_locations(unit))), _unmoving
    ),
    "unmoving_at_reference_location_counts": Kind(
        UNIT.flatmap(
            lambda unit: specs(
                "unmoving_at_reference_location_counts",
                locations=unique_locations(unit),
                reference_locations=locations(unit),
            )
        ),
        _unmoving_at_reference,
    ),
    "labelled_spatial_aggregate": Kind(
        UNIT.flatmap(
            lambda unit: specs(
                "labelled_spatial_aggregate", locations=_coalesced(unit), labels=_labels("admin2")
            )
        ),
        _labelled_places,
        released=together,
    ),
    "labelled_flows": Kind(
        UNIT.flatmap(
            lambda unit: specs(
                "labelled_flows",
                from_location=_coalesced(unit),
                to_location=_coalesced(unit),
                labels=_labels("admin2"),
                join_type=st.sampled_from(["inner", "full outer", "left"]),
            )
        ),
        _labelled_flows,
        released=together,
    ),
    "calendar_activity": Kind(
        specs("calendar_activity", **_periods, **EVENT_FIELDS, sampling=SAMPLING),
        lambda data, spec: [(who, (starts,)) for who, starts in _activity(data, spec).items()],
    ),
    "localised_calendar_activity": Kind(
        UNIT.flatmap(
            lambda unit: specs(
                "localised_calendar_activity",
                reference_location=locations(unit),
                sampling=SAMPLING,
                **_periods,
                **EVENT_FIELDS,
            )
        ),
        _localised,
        released=together,
    ),
}
