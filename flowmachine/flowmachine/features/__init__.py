"""The queries, by family."""

from flowmachine.features.location.flows import Flows
from flowmachine.features.location.meaningful_locations_aggregate import MeaningfulLocationsAggregate
from flowmachine.features.location.meaningful_locations_od import MeaningfulLocationsOD
from flowmachine.features.location.pwo import PopulationWeightedOpportunities
from flowmachine.features.location.spatial_aggregate import SpatialAggregate
from flowmachine.features.location.total_events import TotalLocationEvents
from flowmachine.features.location.unique_subscriber_counts import UniqueSubscriberCounts
from flowmachine.features.network.total_network_objects import AggregateNetworkObjects, TotalNetworkObjects
from flowmachine.features.raster.raster_statistics import RasterStatistics
from flowmachine.features.spatial.circles import Circle, CircleGeometries
from flowmachine.features.spatial.distance_matrix import DistanceMatrix
from flowmachine.features.spatial.geography import Geography
from flowmachine.features.spatial.location_area import LocationArea
from flowmachine.features.spatial.location_cluster import LocationCluster
from flowmachine.features.spatial.versioned_infrastructure import VersionedInfrastructure
from flowmachine.features.subscriber.daily_location import daily_location, locate_subscribers
from flowmachine.features.subscriber.hartigan_cluster import HartiganCluster
from flowmachine.features.subscriber.label_event_score import LabelEventScore
from flowmachine.features.subscriber.last_location import LastLocation
from flowmachine.features.subscriber.meaningful_locations import MeaningfulLocations
from flowmachine.features.subscriber.modal_location import ModalLocation
from flowmachine.features.subscriber.most_frequent_location import MostFrequentLocation
from flowmachine.features.subscriber.scores import EventScore
from flowmachine.features.utilities.direction import Direction

__all__ = [
    "AggregateNetworkObjects",
    "Circle",
    "CircleGeometries",
    "Direction",
    "DistanceMatrix",
    "EventScore",
    "Flows",
    "Geography",
    "HartiganCluster",
    "LabelEventScore",
    "LastLocation",
    "LocationArea",
    "LocationCluster",
    "MeaningfulLocations",
    "MeaningfulLocationsAggregate",
    "MeaningfulLocationsOD",
    "ModalLocation",
    "MostFrequentLocation",
    "PopulationWeightedOpportunities",
    "RasterStatistics",
    "SpatialAggregate",
    "TotalLocationEvents",
    "TotalNetworkObjects",
    "UniqueSubscriberCounts",
    "VersionedInfrastructure",
    "daily_location",
    "locate_subscribers",
]
