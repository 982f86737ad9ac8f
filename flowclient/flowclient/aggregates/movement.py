"""Subscribers moving between places."""

from flowclient._parameters import Date, Hours, Spec, dates, describe, events, tables
from flowclient.aggregates._query_function import QueryFunction, query_function


@describe()
def flows_spec(*, from_location: Spec, to_location: Spec, join_type: str = "inner") -> Spec:
    """Specify the number of subscribers who moved from each place to each other.

    Columns of the result: the two places (``pcod_from`` and ``pcod_to``, or ``lon_from``, …) and
    ``value``.
    """
    return {
        "query_kind": "flows",
        "from_location": from_location,
        "to_location": to_location,
        "join_type": join_type,
    }


@describe()
def inflows_spec(*, from_location: Spec, to_location: Spec, join_type: str = "inner") -> Spec:
    """Specify the number of subscribers who came to each place from any place.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``) and ``value``.
    """
    return flows_spec(from_location=from_location, to_location=to_location, join_type=join_type) | {
        "query_kind": "inflows"
    }


@describe()
def outflows_spec(*, from_location: Spec, to_location: Spec, join_type: str = "inner") -> Spec:
    """Specify the number of subscribers who went from each place to any place.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``) and ``value``.
    """
    return flows_spec(from_location=from_location, to_location=to_location, join_type=join_type) | {
        "query_kind": "outflows"
    }


@describe(labels="Specification of a label for each subscriber, such as `mobility_classification_spec`.")
def labelled_flows_spec(
    *, from_location: Spec, to_location: Spec, labels: Spec, join_type: str = "inner"
) -> Spec:
    """Specify the number of subscribers who moved from each place to each other, by label.

    Columns of the result: the two places (``pcod_from`` and ``pcod_to``, or ``lon_from``, …),
    ``value_label`` and ``value``.
    """
    return {
        "query_kind": "labelled_flows",
        "from_location": from_location,
        "to_location": to_location,
        "labels": labels,
        "join_type": join_type,
    }


@describe()
def trips_od_matrix_spec(
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
    """Specify the number of subscribers seen at one place and at any time later at another.

    Columns of the result: the two places (``pcod_from`` and ``pcod_to``, or ``lon_from``, …) and
    ``value``.
    """
    return {
        "query_kind": "trips_od_matrix",
        **dates(start_date, end_date),
        "aggregation_unit": aggregation_unit,
        **events(event_types, subscriber_subset, hours),
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


@describe()
def consecutive_trips_od_matrix_spec(
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
    """Specify the number of subscribers seen at one place and next at another.

    Columns of the result: the two places (``pcod_from`` and ``pcod_to``, or ``lon_from``, …) and
    ``value``.
    """
    return {
        "query_kind": "consecutive_trips_od_matrix",
        **dates(start_date, end_date),
        "aggregation_unit": aggregation_unit,
        **events(event_types, subscriber_subset, hours),
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


flows: QueryFunction = query_function(flows_spec)
inflows: QueryFunction = query_function(inflows_spec)
outflows: QueryFunction = query_function(outflows_spec)
labelled_flows: QueryFunction = query_function(labelled_flows_spec)
trips_od_matrix: QueryFunction = query_function(trips_od_matrix_spec)
consecutive_trips_od_matrix: QueryFunction = query_function(consecutive_trips_od_matrix_spec)
