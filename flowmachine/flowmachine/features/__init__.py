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

__all__ = [
    "ActiveAtReferenceLocation",
    "ActiveAtReferenceLocationCounts",
    "CallDays",
    "DayTrajectories",
    "Direction",
    "DistanceMatrix",
    "FirstLocation",
    "Flows",
    "Geography",
    "LastLocation",
    "LocationVisits",
    "ModalLocation",
    "MostFrequentLocation",
    "SpatialAggregate",
    "TotalLocationEvents",
    "UniqueLocations",
    "UniqueSubscriberCounts",
    "UniqueVisitorCounts",
    "VisitedMostDays",
    "daily_location",
    "locate_subscribers",
]
