"""Specifications of parts of queries: where each subscriber is, and what each subscriber does.

Every function returns a plain dict to be used in a query (see `flowclient.aggregates`); none sends
anything.
"""

from flowclient.query_specs.locations import (
    coalesced_location_spec,
    daily_location_spec,
    location_visits_spec,
    majority_location_spec,
    mobility_classification_spec,
    modal_location_from_dates_spec,
    modal_location_spec,
    most_frequent_location_spec,
    unique_locations_spec,
)
from flowclient.query_specs.metrics import (
    displacement_spec,
    event_count_spec,
    handset_spec,
    nocturnal_events_spec,
    pareto_interactions_spec,
    radius_of_gyration_spec,
    subscriber_degree_spec,
    topup_amount_spec,
    topup_balance_spec,
    total_active_periods_spec,
    unique_location_counts_spec,
)
from flowclient.query_specs.sampling import random_sample_spec

__all__ = [
    "coalesced_location_spec",
    "daily_location_spec",
    "displacement_spec",
    "event_count_spec",
    "handset_spec",
    "location_visits_spec",
    "majority_location_spec",
    "mobility_classification_spec",
    "modal_location_from_dates_spec",
    "modal_location_spec",
    "most_frequent_location_spec",
    "nocturnal_events_spec",
    "pareto_interactions_spec",
    "radius_of_gyration_spec",
    "random_sample_spec",
    "subscriber_degree_spec",
    "topup_amount_spec",
    "topup_balance_spec",
    "total_active_periods_spec",
    "unique_location_counts_spec",
    "unique_locations_spec",
]
