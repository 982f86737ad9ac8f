"""The queries, by family."""

from flowmachine.features.location.active_at_reference_location_counts import ActiveAtReferenceLocationCounts
from flowmachine.features.location.flows import Flows
from flowmachine.features.location.spatial_aggregate import SpatialAggregate
from flowmachine.features.location.total_events import TotalLocationEvents
from flowmachine.features.location.unique_subscriber_counts import UniqueSubscriberCounts
from flowmachine.features.location.unique_visitor_counts import UniqueVisitorCounts
from flowmachine.features.spatial.distance_matrix import DistanceMatrix
from flowmachine.features.spatial.geography import Geography
from flowmachine.features.subscriber.active_at_reference_location import ActiveAtReferenceLocation
from flowmachine.features.subscriber.call_days import CallDays
from flowmachine.features.subscriber.daily_location import daily_location, locate_subscribers
from flowmachine.features.subscriber.day_trajectories import DayTrajectories
from flowmachine.features.subscriber.first_location import FirstLocation
from flowmachine.features.subscriber.last_location import LastLocation
from flowmachine.features.subscriber.location_visits import LocationVisits
from flowmachine.features.subscriber.modal_location import ModalLocation
from flowmachine.features.subscriber.most_frequent_location import MostFrequentLocation
from flowmachine.features.subscriber.unique_locations import UniqueLocations
from flowmachine.features.subscriber.visited_most_days import VisitedMostDays
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.event_table_subset import EventTableSubset
from flowmachine.features.utilities.events_tables_union import EventsTablesUnion
from flowmachine.features.utilities.feature_collection import feature_collection
from flowmachine.features.utilities.group_values import GroupValues
from flowmachine.features.utilities.sets import SubscriberLocationSubset, UniqueSubscribers
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations

__all__ = [
    "ActiveAtReferenceLocation",
    "ActiveAtReferenceLocationCounts",
    "CallDays",
    "DayTrajectories",
    "Direction",
    "DistanceMatrix",
    "EventTableSubset",
    "EventsTablesUnion",
    "FirstLocation",
    "Flows",
    "Geography",
    "GroupValues",
    "LastLocation",
    "LocationVisits",
    "ModalLocation",
    "MostFrequentLocation",
    "SpatialAggregate",
    "SubscriberLocationSubset",
    "SubscriberLocations",
    "TotalLocationEvents",
    "UniqueLocations",
    "UniqueSubscriberCounts",
    "UniqueSubscribers",
    "UniqueVisitorCounts",
    "VisitedMostDays",
    "daily_location",
    "feature_collection",
    "locate_subscribers",
]
