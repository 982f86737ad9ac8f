"""The class that analysts make what is released of each exposed kind with, from the aggregate."""

from collections.abc import Callable
from typing import Any

from flowmachine.core.disclosure import Redacted
from flowmachine.features.location.redacted_active_at_reference_location_counts import (
    RedactedActiveAtReferenceLocationCounts,
)
from flowmachine.features.location.redacted_consecutive_trips_od_matrix import (
    RedactedConsecutiveTripsODMatrix,
)
from flowmachine.features.location.redacted_flows import RedactedFlows
from flowmachine.features.location.redacted_in_out_flows import RedactedInOutFlow
from flowmachine.features.location.redacted_joined_spatial_aggregate import RedactedJoinedSpatialAggregate
from flowmachine.features.location.redacted_labelled_aggregate import RedactedLabelledAggregate
from flowmachine.features.location.redacted_labelled_flows import RedactedLabelledFlows
from flowmachine.features.location.redacted_labelled_spatial_aggregate import (
    RedactedLabelledSpatialAggregate,
)
from flowmachine.features.location.redacted_location_introversion import RedactedLocationIntroversion
from flowmachine.features.location.redacted_meaningful_locations_aggregate import (
    RedactedMeaningfulLocationsAggregate,
)
from flowmachine.features.location.redacted_meaningful_locations_od import RedactedMeaningfulLocationsOD
from flowmachine.features.location.redacted_spatial_aggregate import RedactedSpatialAggregate
from flowmachine.features.location.redacted_total_events import RedactedTotalEvents
from flowmachine.features.location.redacted_trips_od_matrix import RedactedTripsODMatrix
from flowmachine.features.location.redacted_unique_subscriber_counts import RedactedUniqueSubscriberCounts
from flowmachine.features.location.redacted_unique_vistor_counts import RedactedUniqueVisitorCounts
from flowmachine.features.location.redacted_unmoving_at_reference_location_counts import (
    RedactedUnmovingAtReferenceLocationCounts,
)
from flowmachine.features.location.redacted_unmoving_counts import RedactedUnmovingCounts
from flowmachine.features.nonspatial_aggregates.redacted_per_value_aggregate import RedactedPerValueAggregate

NAMED: dict[str, Callable[[Any], Redacted]] = {
    "flows": lambda target: RedactedFlows(flows=target),
    "inflows": lambda target: RedactedInOutFlow(in_out_flows=target),
    "outflows": lambda target: RedactedInOutFlow(in_out_flows=target),
    "location_event_counts": RedactedTotalEvents,
    "unique_subscriber_counts": lambda target: RedactedUniqueSubscriberCounts(
        unique_subscriber_counts=target
    ),
    "location_introversion": lambda target: RedactedLocationIntroversion(location_introversion=target),
    "spatial_aggregate": lambda target: RedactedSpatialAggregate(spatial_aggregate=target),
    "joined_spatial_aggregate": lambda target: RedactedJoinedSpatialAggregate(
        joined_spatial_aggregate=target
    ),
    "active_at_reference_location_counts": lambda target: RedactedActiveAtReferenceLocationCounts(
        active_at_reference_location_counts=target
    ),
    "unique_visitor_counts": RedactedUniqueVisitorCounts,
    "consecutive_trips_od_matrix": lambda target: RedactedConsecutiveTripsODMatrix(
        consecutive_trips_od_matrix=target
    ),
    "trips_od_matrix": lambda target: RedactedTripsODMatrix(trips=target),
    "unmoving_counts": lambda target: RedactedUnmovingCounts(unmoving_counts=target),
    "unmoving_at_reference_location_counts": lambda target: RedactedUnmovingAtReferenceLocationCounts(
        unmoving_at_reference_location_counts=target
    ),
    "labelled_spatial_aggregate": lambda target: RedactedLabelledSpatialAggregate(
        labelled_spatial_aggregate=target
    ),
    "localised_calendar_activity": lambda target: RedactedLabelledAggregate(labelled_query=target),
    "labelled_flows": lambda target: RedactedLabelledFlows(labelled_flows=target),
    "calendar_activity": lambda target: RedactedPerValueAggregate(target.query, target.aggregation),
    "meaningful_locations_aggregate": lambda target: RedactedMeaningfulLocationsAggregate(
        meaningful_locations_aggregate=target
    ),
    "meaningful_locations_between_label_od_matrix": lambda target: RedactedMeaningfulLocationsOD(
        meaningful_locations_od=target
    ),
    "meaningful_locations_between_dates_od_matrix": lambda target: RedactedMeaningfulLocationsOD(
        meaningful_locations_od=target
    ),
}
"""By kind; the other kinds have no class of their own for what is released."""
