"""Where each subscriber is."""

from datetime import date as day
from datetime import timedelta
from typing import Any

from flowclient._parameters import Date, Hours, Spec, dates, describe, events, tables, written_date


@describe()
def unique_locations_spec(
    *,
    start_date: Date,
    end_date: Date,
    aggregation_unit: str,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_column: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify every place that each subscriber was at."""
    return {
        "query_kind": "unique_locations",
        **dates(start_date, end_date),
        "aggregation_unit": aggregation_unit,
        **events(event_types, subscriber_subset, hours),
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


@describe()
def most_frequent_location_spec(
    *,
    start_date: Date,
    end_date: Date,
    aggregation_unit: str,
    hours: Hours | None = None,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_column: str | None = None,
) -> Spec:
    """Specify the place at which each subscriber had most events."""
    return {
        "query_kind": "most_frequent_location",
        **dates(start_date, end_date),
        "aggregation_unit": aggregation_unit,
        **events(event_types, subscriber_subset, hours),
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


@describe(method="``last`` for the place of the day's last event, ``most-common`` for that of most events.")
def daily_location_spec(
    *,
    date: Date,
    aggregation_unit: str,
    method: str,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_column: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify the place of each subscriber on one day."""
    return {
        "query_kind": "daily_location",
        "date": written_date(date),
        "aggregation_unit": aggregation_unit,
        "method": method,
        **events(event_types, subscriber_subset, hours),
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


@describe(locations="Specifications of daily locations.")
def modal_location_spec(*, locations: list[Spec]) -> Spec:
    """Specify the place at which each subscriber was on most days."""
    return {"query_kind": "modal_location", "locations": locations}


@describe(method="How to choose each day's place: ``last`` or ``most-common``.")
def modal_location_from_dates_spec(
    *,
    start_date: Date,
    end_date: Date,
    aggregation_unit: str,
    method: str,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_column: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify the place at which each subscriber was on most days of a range.

    A range without a day raises a ValueError.
    """
    first, after = (day.fromisoformat(written_date(value)[:10]) for value in (start_date, end_date))
    if first >= after:
        raise ValueError(
            f"end_date ({end_date}) is the day after the last, so must be later than {start_date}."
        )
    return modal_location_spec(
        locations=[
            daily_location_spec(
                date=first + timedelta(days=offset),
                aggregation_unit=aggregation_unit,
                method=method,
                event_types=event_types,
                subscriber_subset=subscriber_subset,
                mapping_table=mapping_table,
                geom_table=geom_table,
                geom_table_join_column=geom_table_join_column,
                hours=hours,
            )
            for offset in range((after - first).days)
        ]
    )


@describe(locations="Specifications of daily or modal locations.")
def location_visits_spec(*, locations: list[Spec]) -> Spec:
    """Specify how many times each subscriber was at each place."""
    return {"query_kind": "location_visits", "locations": locations}


@describe(
    subscriber_location_weights="Specification made by `location_visits_spec`.",
    minimum_total_weight="Least sum of weights that a subscriber must have to be located.",
    include_unlocatable="Whether to keep subscribers without a majority location, with no place.",
)
def majority_location_spec(
    *,
    subscriber_location_weights: Spec,
    minimum_total_weight: float = 0.0,
    include_unlocatable: bool = False,
) -> Spec:
    """Specify the place that has more than half of each subscriber's weight."""
    return {
        "query_kind": "majority_location",
        "subscriber_location_weights": subscriber_location_weights,
        "minimum_total_weight": minimum_total_weight,
        "include_unlocatable": include_unlocatable,
    }


@describe(
    preferred_location="Specification of the location to use where it is good enough.",
    fallback_location="Specification of the location to use otherwise.",
    subscriber_location_weights="Specification made by `location_visits_spec`.",
    weight_threshold="Least weight that the preferred location must have.",
)
def coalesced_location_spec(
    *,
    preferred_location: Spec,
    fallback_location: Spec,
    subscriber_location_weights: Spec,
    weight_threshold: int,
) -> Spec:
    """Specify a preferred location of each subscriber, or another one where there is too little to tell."""
    return {
        "query_kind": "coalesced_location",
        "preferred_location": preferred_location,
        "fallback_location": fallback_location,
        "subscriber_location_weights": subscriber_location_weights,
        "weight_threshold": weight_threshold,
    }


@describe(
    locations="Specifications of coalesced locations, in order of time.",
    stay_length_threshold="Number of periods at one place that count as a long stay.",
)
def mobility_classification_spec(*, locations: list[Spec], stay_length_threshold: int) -> Spec:
    """Specify a class of each subscriber by how long they stay where."""
    fields: dict[str, Any] = {"locations": locations, "stay_length_threshold": stay_length_threshold}
    return {"query_kind": "mobility_classification", **fields}
