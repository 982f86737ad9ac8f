"""Examples of aggregates."""

import warnings

from flowmachine.core.disclosure import disclose
from flowmachine.features import Flows, daily_location
from flowmachine.features.dfs import DFSTotalMetricAmount
from flowmachine.features.location.consecutive_trips_od_matrix import ConsecutiveTripsODMatrix
from flowmachine.features.location.joined_spatial_aggregate import JoinedSpatialAggregate
from flowmachine.features.location.labelled_flows import LabelledFlows
from flowmachine.features.location.labelled_spatial_aggregate import LabelledSpatialAggregate
from flowmachine.features.location.location_introversion import LocationIntroversion
from flowmachine.features.location.total_events import CountedEvents, DayTotalLocationEvents
from flowmachine.features.location.trips_od_matrix import TripsODMatrix
from flowmachine.features.nonspatial_aggregates.histogram_aggregation import HistogramAggregation
from flowmachine.features.subscriber.event_count import EventCount
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations
from tests.examples import WINDOW, Spec, modal_location
from tests.examples import daily_location as location_spec
from tests.families.locating import coalesced_location, mobility_classification

_EVENTS, _DAY = EventCount("2016-01-01", "2016-01-03"), daily_location("2016-01-01")
_NEXT, _SEEN = daily_location("2016-01-02"), SubscriberLocations("2016-01-01", "2016-01-03")
_FLOWS = Flows(_DAY, _NEXT)
_LABELLED = LabelledFlows(loc1=_DAY, loc2=_NEXT, labels=_EVENTS)
_DFS = {"metric": "amount", "start_date": "2016-01-01", "end_date": "2016-01-02"}

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "The stop dates of metric and locations differ")
    QUERIES = {
        "joined": JoinedSpatialAggregate(metric=_EVENTS, locations=_DAY),
        "joined, by median": JoinedSpatialAggregate(metric=_EVENTS, locations=_DAY, method="median"),
        "joined, shares": JoinedSpatialAggregate(metric=_EVENTS, locations=_DAY, method="distr"),
    }
QUERIES |= {
    "counted events": CountedEvents("2016-01-01", "2016-01-02"),
    "labelled": LabelledSpatialAggregate(_DAY, _EVENTS),
    "labelled by another column": LabelledSpatialAggregate(_DAY, _NEXT, "pcod"),
    "events of a day": DayTotalLocationEvents("2016-01-01"),
    "events of a day by minute": DayTotalLocationEvents("2016-01-01", interval="min"),
    "introversion": LocationIntroversion("2016-01-01", "2016-01-03"),
    "introversion of calls made": LocationIntroversion(
        "2016-01-01", "2016-01-03", table="events.calls", direction="out"
    ),
    "outflow": _FLOWS.outflow(),
    "inflow": _FLOWS.inflow(),
    "labelled flows": _LABELLED,
    "labelled flows, with those of one side": LabelledFlows(
        loc1=_DAY, loc2=_NEXT, labels=_EVENTS, join_type="left"
    ),
    "labelled flows, by another column": LabelledFlows(
        loc1=_DAY, loc2=_NEXT, labels=_DAY, label_columns=["pcod"]
    ),
    "labelled outflow": _LABELLED.outflow(),
    "labelled inflow": _LABELLED.inflow(),
    "trips": TripsODMatrix(_SEEN),
    "consecutive trips": ConsecutiveTripsODMatrix(_SEEN),
    "histogram": HistogramAggregation(metric=_EVENTS, bins=5),
    "histogram in a range": HistogramAggregation(metric=_EVENTS, bins=5, range=(0, 100)),
    "histogram with edges": HistogramAggregation(metric=_EVENTS, bins=[0, 0.5, 100]),
    "histogram, not censored": HistogramAggregation(metric=_EVENTS, bins=5, censor=False),
    "mobile money": DFSTotalMetricAmount(**_DFS, aggregation_unit="admin2"),
    "mobile money, elsewhere": DFSTotalMetricAmount(**_DFS, aggregation_unit="admin3"),
    "redacted flows": disclose(_FLOWS, 15),
}

_COUNT = {"query_kind": "event_count", "start_date": "2016-01-01", "end_date": "2016-01-02"}
_UNIQUE = {**_COUNT, "query_kind": "unique_location_counts", "aggregation_unit": "lon-lat"}
_PAIR = {"from_location": modal_location(1, 2), "to_location": location_spec(2, method="most-common")}
_EVENT_FIELDS = {"event_types": ["calls"], "hours": {"start_hour": 22, "end_hour": 4}}

SPECS: dict[str, Spec] = {
    "inflows": {"query_kind": "inflows", **_PAIR},
    "outflows": {"query_kind": "outflows", **_PAIR, "join_type": "left"},
    "location_introversion": {
        "query_kind": "location_introversion",
        **WINDOW,
        **_EVENT_FIELDS,
        "direction": "in",
        "aggregation_unit": "admin3",
    },
    "dfs_metric_total_amount": {
        "query_kind": "dfs_metric_total_amount",
        **WINDOW,
        "metric": "commission",
        "aggregation_unit": "admin2",
    },
    "joined_spatial_aggregate": {
        "query_kind": "joined_spatial_aggregate",
        "locations": location_spec(),
        "metric": {**_COUNT, **_EVENT_FIELDS, "direction": "out"},
        "method": "median",
    },
    "joined_spatial_aggregate_of_unique_location_counts": {
        "query_kind": "joined_spatial_aggregate",
        "locations": location_spec(),
        "metric": _UNIQUE,
        "method": "avg",
    },
    "histogram_aggregate": {
        "query_kind": "histogram_aggregate",
        "metric": _COUNT,
        "bins": {"n_bins": 5},
        "range": {"lower_bound": 0, "upper_bound": 100},
    },
    "histogram_aggregate_of_unique_location_counts": {
        "query_kind": "histogram_aggregate",
        "metric": _UNIQUE,
        "bins": {"bin_list": [1, 2.5, 5]},
    },
    "consecutive_trips_od_matrix": {
        "query_kind": "consecutive_trips_od_matrix",
        **WINDOW,
        "aggregation_unit": "lon-lat",
    },
    "trips_od_matrix": {
        "query_kind": "trips_od_matrix",
        **WINDOW,
        **_EVENT_FIELDS,
        "aggregation_unit": "admin3",
    },
    "labelled_spatial_aggregate": {
        "query_kind": "labelled_spatial_aggregate",
        "locations": coalesced_location(1, 2),
        "labels": mobility_classification(1, 2),
    },
    "labelled_flows": {
        "query_kind": "labelled_flows",
        "from_location": coalesced_location(1, 2),
        "to_location": coalesced_location(2, 3),
        "labels": mobility_classification(1, 2),
        "join_type": "full outer",
    },
    "localised_calendar_activity": {
        "query_kind": "localised_calendar_activity",
        "reference_location": location_spec(unit="lon-lat"),
        "start_date": "2016-01-01",
        "total_periods": 3,
        "sampling": {"sampling_method": "random_ids", "seed": 0.5, "size": 10},
    },
} | {
    f"histogram_aggregate_of_{metric['query_kind']}": {
        "query_kind": "histogram_aggregate",
        "metric": metric,
        "bins": {"n_bins": 3},
    }
    for metric in (
        {**_COUNT, "query_kind": "subscriber_degree"},
        {**_COUNT, "query_kind": "pareto_interactions", "proportion": 0.8},
        {
            **_COUNT,
            "query_kind": "nocturnal_events",
            "night_hours": {"start_hour": 20, "end_hour": 4},
        },
        {"query_kind": "total_active_periods", "start_date": "2016-01-01", "total_periods": 3},
    )
}
