"""A spec of every exposed kind, with its nested kinds."""

from tests.examples import WINDOW as WINDOW
from tests.examples import Spec as Spec
from tests.examples import daily_location as daily_location
from tests.examples import modal_location as modal_location
from tests.families import collect

SPECS: dict[str, Spec] = {
    "dummy_query": {"query_kind": "dummy_query", "dummy_param": "A", "aggregation_unit": "admin3"},
    "flows": {
        "query_kind": "flows",
        "from_location": modal_location(1, 2),
        "to_location": daily_location(2, method="most-common"),
    },
    "geography": {"query_kind": "geography", "aggregation_unit": "admin3"},
    "geography_of_positions": {"query_kind": "geography", "aggregation_unit": "lon-lat"},
    "location_event_counts": {
        "query_kind": "location_event_counts",
        **WINDOW,
        "interval": "hour",
        "direction": "out",
        "event_types": ["sms"],
        "hours": {"start_hour": 22, "end_hour": 4},
        "aggregation_unit": "admin3",
    },
    "spatial_aggregate": {"query_kind": "spatial_aggregate", "locations": daily_location()},
    "spatial_aggregate_of_modal_location": {
        "query_kind": "spatial_aggregate",
        "locations": modal_location(1, 2, 3, unit="lon-lat"),
    },
    "unique_subscriber_counts": {
        "query_kind": "unique_subscriber_counts",
        **WINDOW,
        "aggregation_unit": "admin2",
    },
}
SPECS |= collect("SPECS")
