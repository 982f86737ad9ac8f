"""Subscribers and events by place."""

from flowclient._parameters import Date, Hours, Spec, dates, describe, events, tables
from flowclient.aggregates._query_function import QueryFunction, query_function


@describe(count_interval="Length of the intervals: ``day``, ``hour`` or ``min``.")
def location_event_counts_spec(
    *,
    start_date: Date,
    end_date: Date,
    aggregation_unit: str,
    count_interval: str,
    direction: str = "both",
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_column: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify the number of events at each place in each interval of time.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``), ``date``, for shorter
    intervals ``hour`` and ``min``, and ``value``.
    """
    return {
        "query_kind": "location_event_counts",
        **dates(start_date, end_date),
        "interval": count_interval,
        "aggregation_unit": aggregation_unit,
        "direction": direction,
        **events(event_types, subscriber_subset, hours),
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


@describe()
def unique_subscriber_counts_spec(
    *,
    start_date: Date,
    end_date: Date,
    aggregation_unit: str,
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_column: str | None = None,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify the number of different subscribers seen at each place.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``) and ``value``.
    """
    return {
        "query_kind": "unique_subscriber_counts",
        **dates(start_date, end_date),
        "aggregation_unit": aggregation_unit,
        **events(event_types, subscriber_subset, hours),
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


@describe()
def location_introversion_spec(
    *,
    start_date: Date,
    end_date: Date,
    aggregation_unit: str,
    direction: str = "both",
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_column: str | None = None,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify the share of the events at each place whose other party is at the same place.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``) and ``value``.
    """
    return {
        "query_kind": "location_introversion",
        **dates(start_date, end_date),
        "aggregation_unit": aggregation_unit,
        "direction": direction,
        **events(event_types, subscriber_subset, hours),
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


@describe(total_by="``second``, ``minute``, ``hour``, ``day``, ``month`` or ``year``.")
def total_network_objects_spec(
    *,
    start_date: Date,
    end_date: Date,
    aggregation_unit: str,
    total_by: str = "day",
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_column: str | None = None,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify the number of cells in use at each place in each interval of time.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``), ``value`` and ``datetime``.
    """
    return {
        "query_kind": "total_network_objects",
        **dates(start_date, end_date),
        "aggregation_unit": aggregation_unit,
        "total_by": total_by,
        **events(event_types, subscriber_subset, hours),
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


@describe(
    total_network_objects="Specification made by `total_network_objects_spec`.",
    aggregate_by="``second``, ``minute``, ``hour``, ``day``, ``month``, ``year`` or ``century``.",
)
def aggregate_network_objects_spec(
    *, total_network_objects: Spec, statistic: str, aggregate_by: str = "day"
) -> Spec:
    """Specify a statistic over time of the number of cells in use at each place.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``), ``value`` and ``datetime``.
    """
    return {
        "query_kind": "aggregate_network_objects",
        "total_network_objects": total_network_objects,
        "statistic": statistic,
        "aggregate_by": aggregate_by,
    }


location_event_counts: QueryFunction = query_function(location_event_counts_spec)
unique_subscriber_counts: QueryFunction = query_function(unique_subscriber_counts_spec)
location_introversion: QueryFunction = query_function(location_introversion_spec)
total_network_objects: QueryFunction = query_function(total_network_objects_spec)
aggregate_network_objects: QueryFunction = query_function(aggregate_network_objects_spec)
