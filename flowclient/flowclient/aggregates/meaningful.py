"""Places that mean something to subscribers, such as homes and places of work."""

from typing import Any

from flowclient._parameters import Date, Spec, dates, describe, tables, written_date
from flowclient.aggregates._query_function import QueryFunction, query_function

_LABELS = "Labels and, for each, the GeoJSON shape of its hour score (x) and day-of-week score (y)."
_DAYS = "Score from -1 to 1 of every day of the week, by name in lower case."
_HOURS = "Scores from -1 to 1 of the 24 hours of the day."
_RADIUS = "Radius of a cluster of cells in kilometres."
_CALLS = "Least number of calls at a cell that is part of a cluster."


@describe(
    label="Label to count.",
    labels=_LABELS,
    tower_day_of_week_scores=_DAYS,
    tower_hour_of_day_scores=_HOURS,
    tower_cluster_radius=_RADIUS,
    tower_cluster_call_threshold=_CALLS,
)
def meaningful_locations_aggregate_spec(
    *,
    start_date: Date,
    end_date: Date,
    label: str,
    labels: dict[str, dict[str, Any]],
    tower_day_of_week_scores: dict[str, float],
    tower_hour_of_day_scores: list[float],
    aggregation_unit: str,
    tower_cluster_radius: float = 1.0,
    tower_cluster_call_threshold: int = 0,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_column: str | None = None,
) -> Spec:
    """Specify the number of subscribers who have a place with a label in each region.

    Columns of the result: ``label``, ``pcod`` and ``value``.
    """
    return {
        "query_kind": "meaningful_locations_aggregate",
        **dates(start_date, end_date),
        "aggregation_unit": aggregation_unit,
        "label": label,
        "labels": labels,
        "tower_day_of_week_scores": tower_day_of_week_scores,
        "tower_hour_of_day_scores": tower_hour_of_day_scores,
        "tower_cluster_radius": tower_cluster_radius,
        "tower_cluster_call_threshold": tower_cluster_call_threshold,
        "event_types": event_types,
        "subscriber_subset": subscriber_subset,
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


@describe(
    label_a="Label of the first place.",
    label_b="Label of the second place.",
    labels=_LABELS,
    tower_day_of_week_scores=_DAYS,
    tower_hour_of_day_scores=_HOURS,
    tower_cluster_radius=_RADIUS,
    tower_cluster_call_threshold=_CALLS,
)
def meaningful_locations_between_label_od_matrix_spec(
    *,
    start_date: Date,
    end_date: Date,
    label_a: str,
    label_b: str,
    labels: dict[str, dict[str, Any]],
    tower_day_of_week_scores: dict[str, float],
    tower_hour_of_day_scores: list[float],
    aggregation_unit: str,
    tower_cluster_radius: float = 1.0,
    tower_cluster_call_threshold: int = 0,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_column: str | None = None,
) -> Spec:
    """Specify the number of subscribers by the regions of two of their labelled places.

    Columns of the result: ``label_from``, ``label_to``, ``pcod_from``, ``pcod_to`` and ``value``.
    """
    return {
        "query_kind": "meaningful_locations_between_label_od_matrix",
        **dates(start_date, end_date),
        "aggregation_unit": aggregation_unit,
        "label_a": label_a,
        "label_b": label_b,
        "labels": labels,
        "tower_day_of_week_scores": tower_day_of_week_scores,
        "tower_hour_of_day_scores": tower_hour_of_day_scores,
        "tower_cluster_radius": tower_cluster_radius,
        "tower_cluster_call_threshold": tower_cluster_call_threshold,
        "event_types": event_types,
        "subscriber_subset": subscriber_subset,
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


@describe(
    start_date_a="First day of the first period.",
    end_date_a="Day after the last of the first period.",
    start_date_b="First day of the second period.",
    end_date_b="Day after the last of the second period.",
    label="Label of the place.",
    labels=_LABELS,
    tower_day_of_week_scores=_DAYS,
    tower_hour_of_day_scores=_HOURS,
    tower_cluster_radius=_RADIUS,
    tower_cluster_call_threshold=_CALLS,
)
def meaningful_locations_between_dates_od_matrix_spec(
    *,
    start_date_a: Date,
    end_date_a: Date,
    start_date_b: Date,
    end_date_b: Date,
    label: str,
    labels: dict[str, dict[str, Any]],
    tower_day_of_week_scores: dict[str, float],
    tower_hour_of_day_scores: list[float],
    aggregation_unit: str,
    tower_cluster_radius: float = 1.0,
    tower_cluster_call_threshold: int = 0,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    mapping_table: str | None = None,
    geom_table: str | None = None,
    geom_table_join_column: str | None = None,
) -> Spec:
    """Specify the number of subscribers by the regions of a labelled place in two periods.

    Columns of the result: ``label_from``, ``label_to``, ``pcod_from``, ``pcod_to`` and ``value``.
    """
    return {
        "query_kind": "meaningful_locations_between_dates_od_matrix",
        "start_date_a": written_date(start_date_a),
        "end_date_a": written_date(end_date_a),
        "start_date_b": written_date(start_date_b),
        "end_date_b": written_date(end_date_b),
        "aggregation_unit": aggregation_unit,
        "label": label,
        "labels": labels,
        "tower_day_of_week_scores": tower_day_of_week_scores,
        "tower_hour_of_day_scores": tower_hour_of_day_scores,
        "tower_cluster_radius": tower_cluster_radius,
        "tower_cluster_call_threshold": tower_cluster_call_threshold,
        "event_types": event_types,
        "subscriber_subset": subscriber_subset,
        **tables(mapping_table, geom_table, geom_table_join_column),
    }


meaningful_locations_aggregate: QueryFunction = query_function(meaningful_locations_aggregate_spec)
meaningful_locations_between_label_od_matrix: QueryFunction = query_function(
    meaningful_locations_between_label_od_matrix_spec
)
meaningful_locations_between_dates_od_matrix: QueryFunction = query_function(
    meaningful_locations_between_dates_od_matrix_spec
)
