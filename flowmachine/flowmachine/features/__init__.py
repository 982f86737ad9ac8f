"""The queries, by family."""

from flowmachine.features.location.active_at_reference_location_counts import ActiveAtReferenceLocationCounts
from flowmachine.features.location.flows import Flows
from flowmachine.features.location.location_introversion import LocationIntroversion
from flowmachine.features.location.spatial_aggregate import SpatialAggregate
from flowmachine.features.location.total_events import TotalLocationEvents
from flowmachine.features.location.unique_subscriber_counts import UniqueSubscriberCounts
from flowmachine.features.location.unique_visitor_counts import UniqueVisitorCounts
from flowmachine.features.spatial.distance_matrix import DistanceMatrix
from flowmachine.features.spatial.geography import Geography
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
from flowmachine.features.subscriber.distance_counterparts import DistanceCounterparts
from flowmachine.features.subscriber.event_count import EventCount
from flowmachine.features.subscriber.event_type_proportion import ProportionEventType
from flowmachine.features.subscriber.first_location import FirstLocation
from flowmachine.features.subscriber.interevent_interval import IntereventInterval
from flowmachine.features.subscriber.interevent_period import IntereventPeriod
from flowmachine.features.subscriber.last_location import LastLocation
from flowmachine.features.subscriber.location_visits import LocationVisits
from flowmachine.features.subscriber.modal_location import ModalLocation
from flowmachine.features.subscriber.most_frequent_location import MostFrequentLocation
from flowmachine.features.subscriber.new_subscribers import NewSubscribers
from flowmachine.features.subscriber.nocturnal_events import NocturnalEvents
from flowmachine.features.subscriber.pareto_interactions import ParetoInteractions
from flowmachine.features.subscriber.per_contact_event_stats import PerContactEventStats
from flowmachine.features.subscriber.per_location_event_stats import PerLocationEventStats
from flowmachine.features.subscriber.subscriber_call_durations import (
    PairedPerLocationSubscriberCallDurations,
    PairedSubscriberCallDurations,
    PerLocationSubscriberCallDurations,
    SubscriberCallDurations,
)
from flowmachine.features.subscriber.subscriber_degree import SubscriberDegree
from flowmachine.features.subscriber.total_active_periods import TotalActivePeriodsSubscriber
from flowmachine.features.subscriber.unique_location_counts import UniqueLocationCounts
from flowmachine.features.subscriber.unique_locations import UniqueLocations
from flowmachine.features.subscriber.visited_most_days import VisitedMostDays
from flowmachine.features.utilities.direction import Direction

__all__ = [
    "ActiveAtReferenceLocation",
    "ActiveAtReferenceLocationCounts",
    "CallDays",
    "ContactBalance",
    "ContactReciprocal",
    "ContactReferenceLocationStats",
    "DayTrajectories",
    "Direction",
    "DistanceCounterparts",
    "DistanceMatrix",
    "EventCount",
    "FirstLocation",
    "Flows",
    "Geography",
    "IntereventInterval",
    "IntereventPeriod",
    "LastLocation",
    "LocationIntroversion",
    "LocationVisits",
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
    "ProportionContactReciprocal",
    "ProportionEventReciprocal",
    "ProportionEventType",
    "SpatialAggregate",
    "SubscriberCallDurations",
    "SubscriberDegree",
    "TotalActivePeriodsSubscriber",
    "TotalLocationEvents",
    "UniqueLocationCounts",
    "UniqueLocations",
    "UniqueSubscriberCounts",
    "UniqueVisitorCounts",
    "VisitedMostDays",
    "daily_location",
    "locate_subscribers",
]
