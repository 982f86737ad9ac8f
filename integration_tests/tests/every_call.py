"""Every function of flowclient that makes a query or a part of one, as ``run_queries.py`` reads them.

The days and tables are those of the test data set.
"""

from typing import Any

from calls import AFTER, FIRST, SECOND, THIRD, WINDOW, Call, call, daily, parameters
from specs import unique_subscribers

UNIQUE = call("unique_locations_spec", aggregation_unit="admin3", **WINDOW)
VISITS = call("location_visits_spec", locations=[daily(FIRST), daily(SECOND)])


def mostly(**more: Any) -> Call:
    """Return where subscribers mostly are."""
    return call("majority_location_spec", subscriber_location_weights=VISITS, **more)


def coalesced(*days: str) -> Call:
    """Return where subscribers mostly are, or else where they are most often."""
    visits = call("location_visits_spec", locations=[daily(day, "admin1") for day in days])
    return call(
        "coalesced_location_spec",
        preferred_location=call(
            "majority_location_spec", subscriber_location_weights=visits, minimum_total_weight=2.0
        ),
        fallback_location=call("majority_location_spec", subscriber_location_weights=visits),
        subscriber_location_weights=visits,
        weight_threshold=1,
    )


MOBILITY = call(
    "mobility_classification_spec",
    locations=[coalesced(FIRST, SECOND), coalesced(SECOND, THIRD)],
    stay_length_threshold=2,
)

_METRICS: dict[str, dict[str, Any]] = {
    "radius_of_gyration_spec": {},
    "unique_location_counts_spec": {"aggregation_unit": "admin3"},
    "topup_balance_spec": {"statistic": "avg"},
    "topup_amount_spec": {"statistic": "max"},
    "subscriber_degree_spec": {"direction": "out"},
    "event_count_spec": {"direction": "in", "event_types": ["calls", "sms"]},
    "displacement_spec": {"statistic": "max", "reference_location": daily(FIRST, "lon-lat")},
    "pareto_interactions_spec": {"proportion": 0.8},
    "nocturnal_events_spec": {"hours": [20, 4]},
}
METRICS = {name: call(name, **WINDOW, **more) for name, more in _METRICS.items()} | {
    "total_active_periods_spec": call("total_active_periods_spec", start_date=FIRST, total_periods=2)
}

MEANINGFUL: dict[str, Any] = {
    "labels": {
        "evening": {"type": "Polygon", "coordinates": [[[-1, -1], [-1, 1], [0, 1], [0, -1], [-1, -1]]]}
    },
    "tower_hour_of_day_scores": [-0.5] * 12 + [0.5] * 12,
    "tower_day_of_week_scores": {
        day: -0.5 if day == "sunday" else 0.5
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    },
    "aggregation_unit": "admin1",
    "tower_cluster_radius": 2.0,
}
NETWORK = {"total_by": "hour", "aggregation_unit": "admin1", **WINDOW}


def located(locations: Call) -> Call:
    """Return the numbers of subscribers by location."""
    return call("spatial_aggregate", locations=locations)


def plain(what: str, **arguments: Any) -> Call:
    """Return a call whose result has no places, or whose kind is put on a map elsewhere."""
    return call(what, geojson=False, **arguments)


def _raw(spec: dict[str, Any]) -> Call:
    return parameters(**spec)


_LOCATION = {"query_kind": "daily_location", "date": FIRST, "aggregation_unit": "admin3", "method": "last"}

EVERY_CALL: dict[str, Call] = {
    # Kinds that flowclient has no function for.
    "dummy_query": _raw({"query_kind": "dummy_query", "dummy_param": "every", "aggregation_unit": "admin3"}),
    "geography": _raw({"query_kind": "geography", "aggregation_unit": "admin2"}),
    "visited_most_days": _raw(
        {
            "query_kind": "spatial_aggregate",
            "locations": {
                "query_kind": "visited_most_days",
                "start_date": FIRST,
                "end_date": AFTER,
                "aggregation_unit": "admin3",
            },
        }
    ),
    "dfs_metric_total_amount": _raw(
        {
            "query_kind": "dfs_metric_total_amount",
            "metric": "amount",
            "aggregation_unit": "admin2",
            "start_date": FIRST,
            "end_date": SECOND,
        }
    ),
    "unique_visitor_counts": _raw(
        {
            "query_kind": "unique_visitor_counts",
            "active_at_reference_location_counts": {
                "query_kind": "active_at_reference_location_counts",
                "unique_locations": {
                    "query_kind": "unique_locations",
                    "start_date": FIRST,
                    "end_date": THIRD,
                    "aggregation_unit": "admin3",
                },
                "reference_locations": _LOCATION,
            },
            "unique_subscriber_counts": unique_subscribers(),
        }
    ),
    # Locations, as numbers of subscribers.
    "spatial_aggregate": located(daily(FIRST)),
    "by position": located(daily(FIRST, "lon-lat")),
    "by country": located(daily(FIRST, "admin0", "most-common")),
    "hours and event types": located(daily(SECOND, "admin1", event_types=["calls", "mds"], hours=[6, 18])),
    "mapping table": located(daily(FIRST, mapping_table="infrastructure.mapping_table_test")),
    "most_frequent_location": located(
        call("most_frequent_location_spec", aggregation_unit="admin2", hours=[8, 20], **WINDOW)
    ),
    "modal_location": located(call("modal_location_spec", locations=[daily(FIRST), daily(SECOND)])),
    "modal_location_from_dates": located(
        call(
            "modal_location_from_dates_spec",
            start_date=FIRST,
            end_date=AFTER,
            aggregation_unit="admin3",
            method="most-common",
        )
    ),
    "random_sample": located(
        call("random_sample_spec", query=daily(FIRST, "admin0"), seed=0.5, fraction=0.9, estimate_count=False)
    ),
    "majority_location": located(mostly()),
    "coalesced_location": located(coalesced(FIRST, SECOND)),
    # Metrics, as averages by location.
    **{
        name: plain(
            "joined_spatial_aggregate", locations=daily(FIRST, "admin1"), metric=metric, method="median"
        )
        for name, metric in METRICS.items()
    },
    "handset": call(
        "joined_spatial_aggregate",
        locations=daily(FIRST, "admin1"),
        metric=call("handset_spec", characteristic="brand", method="most-common", **WINDOW),
        method="distr",
    ),
    # The other aggregates.
    "histogram_aggregate": plain("histogram_aggregate", metric=METRICS["event_count_spec"], bins=3),
    "histogram, edges": plain("histogram_aggregate", metric=METRICS["event_count_spec"], bins=[1, 5, 100]),
    "location_event_counts": call(
        "location_event_counts",
        aggregation_unit="admin3",
        count_interval="hour",
        direction="out",
        event_types=["calls", "sms"],
        **WINDOW,
    ),
    "unique_subscriber_counts": call("unique_subscriber_counts", aggregation_unit="admin3", **WINDOW),
    "location_introversion": call("location_introversion", aggregation_unit="admin2", **WINDOW),
    "total_network_objects": call("total_network_objects", **NETWORK),
    "aggregate_network_objects": call(
        "aggregate_network_objects",
        total_network_objects=call("total_network_objects_spec", **NETWORK),
        statistic="max",
        aggregate_by="day",
    ),
    "meaningful_locations_aggregate": call(
        "meaningful_locations_aggregate", label="evening", **WINDOW, **MEANINGFUL
    ),
    "meaningful_locations_between_label_od_matrix": call(
        "meaningful_locations_between_label_od_matrix",
        label_a="evening",
        label_b="unknown",
        **WINDOW,
        **MEANINGFUL,
    ),
    "meaningful_locations_between_dates_od_matrix": call(
        "meaningful_locations_between_dates_od_matrix",
        label="unknown",
        start_date_a=FIRST,
        end_date_a=SECOND,
        start_date_b=SECOND,
        end_date_b=THIRD,
        **MEANINGFUL,
    ),
    **{
        name: call(name, from_location=daily(FIRST, "admin1"), to_location=daily(SECOND, "admin1"))
        for name in ("flows", "inflows", "outflows")
    },
    "labelled_flows": call(
        "labelled_flows",
        from_location=coalesced(FIRST, SECOND),
        to_location=coalesced(SECOND, THIRD),
        labels=MOBILITY,
        join_type="left outer",
    ),
    "labelled_spatial_aggregate": call(
        "labelled_spatial_aggregate", locations=coalesced(FIRST, SECOND), labels=MOBILITY
    ),
    "active_at_reference_location_counts": call(
        "active_at_reference_location_counts", unique_locations=UNIQUE, reference_locations=daily(FIRST)
    ),
    "unmoving_at_reference_location_counts": call(
        "unmoving_at_reference_location_counts",
        unique_locations=call(
            "unique_locations_spec",
            start_date=FIRST,
            end_date=SECOND,
            aggregation_unit="admin0",
            event_types=["calls"],
        ),
        reference_locations=daily(FIRST, "admin0"),
    ),
    "unmoving_counts": call(
        "unmoving_counts",
        unique_locations=call(
            "unique_locations_spec", start_date=FIRST, end_date=SECOND, aggregation_unit="admin0"
        ),
    ),
    "consecutive_trips_od_matrix": call("consecutive_trips_od_matrix", aggregation_unit="admin1", **WINDOW),
    "trips_od_matrix": call("trips_od_matrix", aggregation_unit="admin1", **WINDOW),
    "calendar_activity": plain("calendar_activity", start_date=FIRST, total_periods=2),
    "localised_calendar_activity": call(
        "localised_calendar_activity",
        start_date=FIRST,
        total_periods=2,
        period_unit="days",
        period_length=1,
        locations=daily(FIRST, "admin1"),
    ),
}
