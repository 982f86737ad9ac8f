"""What each subscriber does: one value per subscriber."""

from flowclient._parameters import (
    Date,
    Hours,
    Spec,
    dates,
    describe,
    events,
    tables,
    written_date,
    written_hours,
)


@describe()
def radius_of_gyration_spec(
    *,
    start_date: Date,
    end_date: Date,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify the radius of gyration of each subscriber, in kilometres."""
    return {
        "query_kind": "radius_of_gyration",
        **dates(start_date, end_date),
        **events(event_types, subscriber_subset, hours),
    }


@describe()
def total_active_periods_spec(
    *,
    start_date: Date,
    total_periods: int,
    period_unit: str = "days",
    period_length: int = 1,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify the number of periods in which each subscriber had events."""
    return {
        "query_kind": "total_active_periods",
        "start_date": written_date(start_date),
        "total_periods": total_periods,
        "period_unit": period_unit,
        "period_length": period_length,
        **events(event_types, subscriber_subset, hours),
    }


@describe()
def unique_location_counts_spec(
    *,
    start_date: Date,
    end_date: Date,
    aggregation_unit: str,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_column: str | None = None,
) -> Spec:
    """Specify the number of places that each subscriber was at."""
    return {
        "query_kind": "unique_location_counts",
        **dates(start_date, end_date),
        "aggregation_unit": aggregation_unit,
        **events(event_types, subscriber_subset, hours),
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


@describe()
def topup_balance_spec(
    *,
    start_date: Date,
    end_date: Date,
    statistic: str,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify a statistic of each subscriber's balance before topping up."""
    return {
        "query_kind": "topup_balance",
        **dates(start_date, end_date),
        "statistic": statistic,
        "subscriber_subset": subscriber_subset,
        "hours": written_hours(hours),
    }


@describe()
def topup_amount_spec(
    *,
    start_date: Date,
    end_date: Date,
    statistic: str,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify a statistic of the amounts that each subscriber topped up by."""
    return {
        "query_kind": "topup_amount",
        **dates(start_date, end_date),
        "statistic": statistic,
        "subscriber_subset": subscriber_subset,
        "hours": written_hours(hours),
    }


@describe()
def subscriber_degree_spec(
    *,
    start_date: Date,
    end_date: Date,
    direction: str = "both",
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify the number of others that each subscriber was in contact with."""
    return {
        "query_kind": "subscriber_degree",
        **dates(start_date, end_date),
        "direction": direction,
        **events(event_types, subscriber_subset, hours),
    }


@describe()
def event_count_spec(
    *,
    start_date: Date,
    end_date: Date,
    direction: str = "both",
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify the number of events of each subscriber."""
    return {
        "query_kind": "event_count",
        **dates(start_date, end_date),
        "direction": direction,
        **events(event_types, subscriber_subset, hours),
    }


@describe(reference_location="Specification of the location of each subscriber to measure from.")
def displacement_spec(
    *,
    start_date: Date,
    end_date: Date,
    statistic: str,
    reference_location: Spec,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify a statistic of each subscriber's distances from a reference location, in kilometres."""
    return {
        "query_kind": "displacement",
        **dates(start_date, end_date),
        "statistic": statistic,
        "reference_location": reference_location,
        **events(event_types, subscriber_subset, hours),
    }


@describe(proportion="Share of the events, between 0 and 1.")
def pareto_interactions_spec(
    *,
    start_date: Date,
    end_date: Date,
    proportion: float,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify how many contacts account for a share of each subscriber's events."""
    return {
        "query_kind": "pareto_interactions",
        **dates(start_date, end_date),
        "proportion": proportion,
        **events(event_types, subscriber_subset, hours),
    }


@describe(hours="First hour of the night and hour after its last, each from 0 to 24.")
def nocturnal_events_spec(
    *,
    start_date: Date,
    end_date: Date,
    hours: Hours,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
) -> Spec:
    """Specify the percentage of each subscriber's events that happen at night."""
    return {
        "query_kind": "nocturnal_events",
        **dates(start_date, end_date),
        "night_hours": written_hours(hours),
        "event_types": event_types,
        "subscriber_subset": subscriber_subset,
    }


@describe(
    characteristic="``hnd_type``, ``brand``, ``model``, ``software_os_name`` or ``software_os_vendor``.",
    method="``last`` for the handset used last, ``most-common`` for the one used most.",
)
def handset_spec(
    *,
    start_date: Date,
    end_date: Date,
    characteristic: str = "hnd_type",
    method: str = "last",
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify a characteristic of the handset of each subscriber."""
    return {
        "query_kind": "handset",
        **dates(start_date, end_date),
        "characteristic": characteristic,
        "method": method,
        **events(event_types, subscriber_subset, hours),
    }
