"""The queries, by family."""

from flowmachine.features.location.active_at_reference_location_counts import ActiveAtReferenceLocationCounts
from flowmachine.features.location.flows import Flows
from flowmachine.features.location.location_introversion import LocationIntroversion
from flowmachine.features.location.meaningful_locations_aggregate import MeaningfulLocationsAggregate
from flowmachine.features.location.meaningful_locations_od import MeaningfulLocationsOD
from flowmachine.features.location.pwo import PopulationWeightedOpportunities
from flowmachine.features.location.spatial_aggregate import SpatialAggregate
from flowmachine.features.location.total_events import TotalLocationEvents
from flowmachine.features.location.unique_subscriber_counts import UniqueSubscriberCounts
from flowmachine.features.location.unique_visitor_counts import UniqueVisitorCounts
from flowmachine.features.network.total_network_objects import AggregateNetworkObjects, TotalNetworkObjects
from flowmachine.features.raster.raster_statistics import RasterStatistics
from flowmachine.features.spatial.circles import Circle, CircleGeometries
from flowmachine.features.spatial.distance_matrix import DistanceMatrix
from flowmachine.features.spatial.geography import Geography
from flowmachine.features.spatial.location_area import LocationArea
from flowmachine.features.spatial.location_cluster import LocationCluster
from flowmachine.features.spatial.versioned_infrastructure import VersionedInfrastructure
from flowmachine.features.subscriber.active_at_reference_location import ActiveAtReferenceLocation
from flowmachine.features.subscriber.call_days import CallDays
from flowmachine.features.subscriber.contact_balance import ContactBalance
from flowmachine.features.subscriber.contact_reciprocal import (
    ContactReciprocal,
    ProportionContactReciprocal,
    ProportionEventReciprocal,
)
from flowmachine.features.subscriber.contact_reference_locations_stats import ContactReferenceLocationStats
from flowmachine.features.subscriber.daily_location import daily_location, locate_subscribers
from flowmachine.features.subscriber.day_trajectories import DayTrajectories
from flowmachine.features.subscriber.displacement import Displacement
from flowmachine.features.subscriber.distance_counterparts import DistanceCounterparts
from flowmachine.features.subscriber.distance_series import DistanceSeries
from flowmachine.features.subscriber.entropy import ContactEntropy, LocationEntropy, PeriodicEntropy
from flowmachine.features.subscriber.event_count import EventCount
from flowmachine.features.subscriber.event_type_proportion import ProportionEventType
from flowmachine.features.subscriber.first_location import FirstLocation
from flowmachine.features.subscriber.handset_stats import HandsetStats
from flowmachine.features.subscriber.hartigan_cluster import HartiganCluster
from flowmachine.features.subscriber.imputed_distance_series import ImputedDistanceSeries
from flowmachine.features.subscriber.interevent_interval import IntereventInterval
from flowmachine.features.subscriber.interevent_period import IntereventPeriod
from flowmachine.features.subscriber.iterative_median_filter import IterativeMedianFilter
from flowmachine.features.subscriber.label_event_score import LabelEventScore
from flowmachine.features.subscriber.last_location import LastLocation
from flowmachine.features.subscriber.location_visits import LocationVisits
from flowmachine.features.subscriber.mds_volume import MDSVolume
from flowmachine.features.subscriber.meaningful_locations import MeaningfulLocations
from flowmachine.features.subscriber.modal_location import ModalLocation
from flowmachine.features.subscriber.most_frequent_location import MostFrequentLocation
from flowmachine.features.subscriber.new_subscribers import NewSubscribers
from flowmachine.features.subscriber.nocturnal_events import NocturnalEvents
from flowmachine.features.subscriber.pareto_interactions import ParetoInteractions
from flowmachine.features.subscriber.per_contact_event_stats import PerContactEventStats
from flowmachine.features.subscriber.per_location_event_stats import PerLocationEventStats
from flowmachine.features.subscriber.radius_of_gyration import RadiusOfGyration
from flowmachine.features.subscriber.scores import EventScore
from flowmachine.features.subscriber.subscriber_call_durations import (
    PairedPerLocationSubscriberCallDurations,
    PairedSubscriberCallDurations,
    PerLocationSubscriberCallDurations,
    SubscriberCallDurations,
)
from flowmachine.features.subscriber.subscriber_degree import SubscriberDegree
from flowmachine.features.subscriber.subscriber_tacs import (
    SubscriberHandset,
    SubscriberHandsetCharacteristic,
    SubscriberHandsets,
    SubscriberTAC,
    SubscriberTACs,
)
from flowmachine.features.subscriber.topup_amount import TopUpAmount
from flowmachine.features.subscriber.topup_balance import TopUpBalance
from flowmachine.features.subscriber.total_active_periods import TotalActivePeriodsSubscriber
from flowmachine.features.subscriber.unique_location_counts import UniqueLocationCounts
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
    "AggregateNetworkObjects",
    "CallDays",
    "Circle",
    "CircleGeometries",
    "ContactBalance",
    "ContactEntropy",
    "ContactReciprocal",
    "ContactReferenceLocationStats",
    "DayTrajectories",
    "Direction",
    "Displacement",
    "DistanceCounterparts",
    "DistanceMatrix",
    "DistanceSeries",
    "EventCount",
    "EventScore",
    "EventTableSubset",
    "EventsTablesUnion",
    "FirstLocation",
    "Flows",
    "Geography",
    "GroupValues",
    "HandsetStats",
    "HartiganCluster",
    "ImputedDistanceSeries",
    "IntereventInterval",
    "IntereventPeriod",
    "IterativeMedianFilter",
    "LabelEventScore",
    "LastLocation",
    "LocationArea",
    "LocationCluster",
    "LocationEntropy",
    "LocationIntroversion",
    "LocationVisits",
    "MDSVolume",
    "MeaningfulLocations",
    "MeaningfulLocationsAggregate",
    "MeaningfulLocationsOD",
    "ModalLocation",
    "MostFrequentLocation",
    "NewSubscribers",
    "NocturnalEvents",
    "PairedPerLocationSubscriberCallDurations",
    "PairedSubscriberCallDurations",
    "ParetoInteractions",
    "PerContactEventStats",
    "PerLocationEventStats",
    "PerLocationSubscriberCallDurations",
    "PeriodicEntropy",
    "PopulationWeightedOpportunities",
    "ProportionContactReciprocal",
    "ProportionEventReciprocal",
    "ProportionEventType",
    "RadiusOfGyration",
    "RasterStatistics",
    "SpatialAggregate",
    "SubscriberCallDurations",
    "SubscriberDegree",
    "SubscriberHandset",
    "SubscriberHandsetCharacteristic",
    "SubscriberHandsets",
    "SubscriberLocationSubset",
    "SubscriberLocations",
    "SubscriberTAC",
    "SubscriberTACs",
    "TopUpAmount",
    "TopUpBalance",
    "TotalActivePeriodsSubscriber",
    "TotalLocationEvents",
    "TotalNetworkObjects",
    "UniqueLocationCounts",
    "UniqueLocations",
    "UniqueSubscriberCounts",
    "UniqueSubscribers",
    "UniqueVisitorCounts",
    "VersionedInfrastructure",
    "VisitedMostDays",
    "daily_location",
    "feature_collection",
    "locate_subscribers",
]
