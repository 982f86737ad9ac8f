"""The queries, by family."""

from flowmachine.features.location.flows import Flows
from flowmachine.features.location.location_introversion import LocationIntroversion
from flowmachine.features.location.spatial_aggregate import SpatialAggregate
from flowmachine.features.location.total_events import TotalLocationEvents
from flowmachine.features.location.unique_subscriber_counts import UniqueSubscriberCounts
from flowmachine.features.spatial.distance_matrix import DistanceMatrix
from flowmachine.features.spatial.geography import Geography
from flowmachine.features.subscriber.daily_location import daily_location, locate_subscribers
from flowmachine.features.subscriber.last_location import LastLocation
from flowmachine.features.subscriber.modal_location import ModalLocation
from flowmachine.features.subscriber.most_frequent_location import MostFrequentLocation
from flowmachine.features.utilities.direction import Direction

__all__ = [
    "Direction",
    "DistanceMatrix",
    "Flows",
    "Geography",
    "LastLocation",
    "LocationIntroversion",
    "ModalLocation",
    "MostFrequentLocation",
    "SpatialAggregate",
    "TotalLocationEvents",
    "UniqueSubscriberCounts",
    "daily_location",
    "locate_subscribers",
]
