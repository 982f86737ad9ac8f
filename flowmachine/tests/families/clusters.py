"""Examples of clusters, scores, meaningful locations, and of the network in use."""

from flowmachine.core import make_spatial_unit
from flowmachine.features import (
    AggregateNetworkObjects,
    EventScore,
    HartiganCluster,
    LabelEventScore,
    MeaningfulLocations,
    MeaningfulLocationsAggregate,
    MeaningfulLocationsOD,
    TotalNetworkObjects,
)
from flowmachine.features.network.total_network_objects import CountedNetworkObjects
from flowmachine.features.subscriber.call_days import CallDays
from flowmachine.features.subscriber.score_labels import DEFAULT_LABELS
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations
from tests.examples import WINDOW, Spec

_DAYS = ("2016-01-01", "2016-01-03")
_SITES = make_spatial_unit("versioned-site")
_WINDOW = {"start": _DAYS[0], "stop": _DAYS[1]}
_BOX = {"type": "Polygon", "coordinates": [[[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8], [0.2, 0.2]]]}
_CALL_DAYS = CallDays(SubscriberLocations(*_DAYS, spatial_unit=_SITES))
_SCORES = EventScore(**_WINDOW, spatial_unit=_SITES)
_CLUSTERS = HartiganCluster(calldays=_CALL_DAYS, radius=1)
_MORE_HOURS = [0.5] * 24
_MORE_DAYS = dict.fromkeys(
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], 0.25
)
_TOTAL = TotalNetworkObjects(*_DAYS)


def _meaningful(label: str, **more: object) -> MeaningfulLocations:
    return MeaningfulLocations(
        **{"clusters": _CLUSTERS, "scores": _SCORES, "labels": DEFAULT_LABELS, "label": label, **more}
    )


_DAY, _EVENING = _meaningful("day"), _meaningful("evening")

QUERIES = {
    "call days, by site": _CALL_DAYS,
    "event score": EventScore(**_WINDOW),
    "event score, by site": _SCORES,
    "event score, hours scored otherwise": EventScore(**_WINDOW, score_hour=_MORE_HOURS),
    "event score, days scored otherwise": EventScore(**_WINDOW, score_dow=_MORE_DAYS),
    "hartigan": _CLUSTERS,
    "hartigan, wider": HartiganCluster(calldays=_CALL_DAYS, radius=2),
    "hartigan, areas": HartiganCluster(calldays=_CALL_DAYS, radius=1, buffer=2),
    "hartigan, large ones": HartiganCluster(calldays=_CALL_DAYS, radius=1, call_threshold=2),
    "hartigan, scored": _CLUSTERS.join_to_cluster_components(_SCORES),
    "labels": LabelEventScore(scores=_SCORES),
    "labels, others": LabelEventScore(scores=_SCORES, labels={"day": _BOX}),
    "labels, one by another name": LabelEventScore(scores=_SCORES, labels={"night": _BOX}),
    "labels, one required": LabelEventScore(scores=_SCORES, required="evening"),
    "meaningful locations": _DAY,
    "meaningful locations, evening": _EVENING,
    "meaningful locations, unknown": _meaningful("unknown"),
    "meaningful locations, other labels": _meaningful("day", labels={"day": _BOX}),
    "meaningful locations aggregate": MeaningfulLocationsAggregate(meaningful_locations=_DAY),
    "meaningful locations aggregate, admin 2": MeaningfulLocationsAggregate(
        meaningful_locations=_DAY, spatial_unit=make_spatial_unit("admin", level=2)
    ),
    "meaningful locations od": MeaningfulLocationsOD(
        meaningful_locations_a=_DAY, meaningful_locations_b=_EVENING
    ),
    "meaningful locations od, back": MeaningfulLocationsOD(
        meaningful_locations_a=_EVENING, meaningful_locations_b=_DAY
    ),
    "total network objects": _TOTAL,
    "counted network objects": CountedNetworkObjects("2016-01-01", "2016-01-02"),
    "total network objects, hourly": TotalNetworkObjects(*_DAYS, total_by="hour"),
    "total network objects, sites": TotalNetworkObjects(*_DAYS, network_object=_SITES),
    "total network objects, admin 3": TotalNetworkObjects(
        *_DAYS, spatial_unit=make_spatial_unit("admin", level=3)
    ),
    "aggregate network objects": AggregateNetworkObjects(total_network_objects=_TOTAL),
    "aggregate network objects, by year": AggregateNetworkObjects(
        total_network_objects=_TOTAL, aggregate_by="year"
    ),
    "aggregate network objects, largest": AggregateNetworkObjects(
        total_network_objects=_TOTAL, statistic="max"
    ),
}

_MEANING: Spec = {
    "labels": {
        "evening": {
            "type": "Polygon",
            "coordinates": [[[1e-06, -0.5], [1e-06, -1.1], [1.1, -1.1], [1.1, -0.5], [1e-06, -0.5]]],
        },
        "day": {
            "type": "Polygon",
            "coordinates": [[[-1.1, -0.5], [-1.1, 0.5], [-1e-06, 0.5], [0, -0.5], [-1.1, -0.5]]],
        },
    },
    "tower_hour_of_day_scores": [
        -1,
        -1,
        -1,
        -1,
        -1,
        -1,
        -1,
        0,
        0,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        0,
        0,
        0,
        0,
        -1,
        -1,
        -1,
    ],
    "tower_day_of_week_scores": {
        "monday": 1,
        "tuesday": 1,
        "wednesday": 1,
        "thursday": 0,
        "friday": -1,
        "saturday": -1,
        "sunday": -1,
    },
    "aggregation_unit": "admin3",
}
_NETWORK: Spec = {"query_kind": "total_network_objects", **WINDOW, "aggregation_unit": "admin3"}

SPECS: dict[str, Spec] = {
    "meaningful_locations_aggregate": {
        "query_kind": "meaningful_locations_aggregate",
        **WINDOW,
        "label": "unknown",
        **_MEANING,
    },
    "meaningful_locations_between_label_od_matrix": {
        "query_kind": "meaningful_locations_between_label_od_matrix",
        **WINDOW,
        "label_a": "day",
        "label_b": "evening",
        "tower_cluster_radius": 2.5,
        "tower_cluster_call_threshold": 1,
        **_MEANING,
    },
    "meaningful_locations_between_dates_od_matrix": {
        "query_kind": "meaningful_locations_between_dates_od_matrix",
        "start_date_a": "2016-01-01",
        "end_date_a": "2016-01-02",
        "start_date_b": "2016-01-02",
        "end_date_b": "2016-01-03",
        "label": "unknown",
        "event_types": ["calls"],
        **_MEANING,
    },
    "total_network_objects": {
        **_NETWORK,
        "total_by": "hour",
        "event_types": ["sms"],
        "hours": {"start_hour": 22, "end_hour": 4},
    },
    "aggregate_network_objects": {
        "query_kind": "aggregate_network_objects",
        "total_network_objects": _NETWORK,
        "statistic": "median",
        "aggregate_by": "month",
    },
}
