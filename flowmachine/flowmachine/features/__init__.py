"""The queries, by family."""

from flowmachine.features.location.flows import Flows
from flowmachine.features.location.spatial_aggregate import SpatialAggregate
from flowmachine.features.location.total_events import TotalLocationEvents
from flowmachine.features.location.unique_subscriber_counts import UniqueSubscriberCounts
from flowmachine.features.spatial.distance_matrix import DistanceMatrix
from flowmachine.features.spatial.geography import Geography
from flowmachine.features.subscriber.daily_location import daily_location, locate_subscribers
from flowmachine.features.subscriber.displacement import Displacement
from flowmachine.features.subscriber.distance_series import DistanceSeries
from flowmachine.features.subscriber.entropy import ContactEntropy, LocationEntropy, PeriodicEntropy
from flowmachine.features.subscriber.handset_stats import HandsetStats
from flowmachine.features.subscriber.imputed_distance_series import ImputedDistanceSeries
from flowmachine.features.subscriber.iterative_median_filter import IterativeMedianFilter
from flowmachine.features.subscriber.last_location import LastLocation
from flowmachine.features.subscriber.mds_volume import MDSVolume
from flowmachine.features.subscriber.modal_location import ModalLocation
from flowmachine.features.subscriber.most_frequent_location import MostFrequentLocation
from flowmachine.features.subscriber.radius_of_gyration import RadiusOfGyration
from flowmachine.features.subscriber.subscriber_tacs import (
    SubscriberHandset,
    SubscriberHandsetCharacteristic,
    SubscriberHandsets,
    SubscriberTAC,
    SubscriberTACs,
)
from flowmachine.features.subscriber.topup_amount import TopUpAmount
from flowmachine.features.subscriber.topup_balance import TopUpBalance
from flowmachine.features.utilities.direction import Direction

__all__ = [
    "ContactEntropy",
    "Direction",
    "Displacement",
    "DistanceMatrix",
    "DistanceSeries",
    "Flows",
    "Geography",
    "HandsetStats",
    "ImputedDistanceSeries",
    "IterativeMedianFilter",
    "LastLocation",
    "LocationEntropy",
    "MDSVolume",
    "ModalLocation",
    "MostFrequentLocation",
    "PeriodicEntropy",
    "RadiusOfGyration",
    "SpatialAggregate",
    "SubscriberHandset",
    "SubscriberHandsetCharacteristic",
    "SubscriberHandsets",
    "SubscriberTAC",
    "SubscriberTACs",
    "TopUpAmount",
    "TopUpBalance",
    "TotalLocationEvents",
    "UniqueSubscriberCounts",
    "daily_location",
    "locate_subscribers",
]
