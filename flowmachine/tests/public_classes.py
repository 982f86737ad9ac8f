"""Every query class and factory that people import, by module: each has an oracle test."""

_SUBSCRIBER = {
    # Where subscribers are.
    "last_location": "LastLocation",
    "most_frequent_location": "MostFrequentLocation",
    "modal_location": "ModalLocation",
    "day_trajectories": "DayTrajectories",
    "location_visits": "LocationVisits",
    "majority_location": "MajorityLocation MajorityLocationWithUnlocatable",
    "coalesced_location": "CoalescedLocation",
    "filtered_reference_location": "FilteredReferenceLocation",
    "visited_most_days": "VisitedMostDays",
    "first_location": "FirstLocation",
    "unique_locations": "UniqueLocations",
    "call_days": "CallDays",
    "active_at_reference_location": "ActiveAtReferenceLocation",
    "unmoving": "Unmoving",
    "unmoving_at_reference_location": "UnmovingAtReferenceLocation",
    "subscriber_stay_lengths": "SubscriberStayLengths",
    "mobility_classification": "MobilityClassification",
    # When and how much they act.
    "event_count": "EventCount",
    "nocturnal_events": "NocturnalEvents",
    "event_type_proportion": "ProportionEventType",
    "subscriber_degree": "SubscriberDegree",
    "unique_location_counts": "UniqueLocationCounts",
    "new_subscribers": "NewSubscribers",
    "per_location_event_stats": "PerLocationEventStats",
    "per_contact_event_stats": "PerContactEventStats",
    "per_subscriber_aggregate": "PerSubscriberAggregate",
    "total_active_periods": "TotalActivePeriodsSubscriber",
    "calendar_activity": "CalendarActivity",
    "active_subscribers": "ActiveSubscribers",
    "interevent_interval": "IntereventInterval",
    "interevent_period": "IntereventPeriod",
    # Calls and contacts.
    "subscriber_call_durations": (
        "SubscriberCallDurations PerLocationSubscriberCallDurations PairedSubscriberCallDurations "
        "PairedPerLocationSubscriberCallDurations"
    ),
    "contact_balance": "ContactBalance",
    "contact_reciprocal": "ContactReciprocal ProportionContactReciprocal ProportionEventReciprocal",
    "pareto_interactions": "ParetoInteractions",
    "distance_counterparts": "DistanceCounterparts",
    "contact_reference_locations_stats": "ContactReferenceLocationStats",
    # How far they go, and how evenly.
    "radius_of_gyration": "RadiusOfGyration",
    "displacement": "Displacement",
    "distance_series": "DistanceSeries",
    "imputed_distance_series": "ImputedDistanceSeries",
    "iterative_median_filter": "IterativeMedianFilter",
    "entropy": "PeriodicEntropy LocationEntropy ContactEntropy",
    # Clusters, scores, meaningful places.
    "scores": "EventScore",
    "hartigan_cluster": "HartiganCluster",
    "label_event_score": "LabelEventScore",
    "meaningful_locations": "MeaningfulLocations",
    # Handsets, money, data.
    "subscriber_tacs": (
        "SubscriberTACs SubscriberTAC SubscriberHandsets SubscriberHandset SubscriberHandsetCharacteristic"
    ),
    "handset_stats": "HandsetStats",
    "topup_amount": "TopUpAmount",
    "topup_balance": "TopUpBalance",
    "mds_volume": "MDSVolume",
}
_LOCATION = {
    "spatial_aggregate": "SpatialAggregate",
    "joined_spatial_aggregate": "JoinedSpatialAggregate",
    "labelled_spatial_aggregate": "LabelledSpatialAggregate",
    "unique_subscriber_counts": "UniqueSubscriberCounts",
    "total_events": "DayTotalLocationEvents TotalLocationEvents",
    "location_introversion": "LocationIntroversion",
    "active_at_reference_location_counts": "ActiveAtReferenceLocationCounts",
    "unique_visitor_counts": "UniqueVisitorCounts",
    "unmoving_counts": "UnmovingCounts",
    "unmoving_at_reference_location_counts": "UnmovingAtReferenceLocationCounts",
    "meaningful_locations_aggregate": "MeaningfulLocationsAggregate",
    "pwo": "PopulationWeightedOpportunities",
    "flows": "Flows InOutFlow",
    "labelled_flows": "LabelledFlows LabelledInOutFlow",
    "trips_od_matrix": "TripsODMatrix",
    "consecutive_trips_od_matrix": "ConsecutiveTripsODMatrix",
    "meaningful_locations_od": "MeaningfulLocationsOD",
    # What is released of them.
    "redacted_spatial_aggregate": "RedactedSpatialAggregate",
    "redacted_joined_spatial_aggregate": "RedactedJoinedSpatialAggregate",
    "redacted_unique_subscriber_counts": "RedactedUniqueSubscriberCounts",
    "redacted_active_at_reference_location_counts": "RedactedActiveAtReferenceLocationCounts",
    "redacted_unique_vistor_counts": "RedactedUniqueVisitorCounts",
    "redacted_unmoving_counts": "RedactedUnmovingCounts",
    "redacted_unmoving_at_reference_location_counts": "RedactedUnmovingAtReferenceLocationCounts",
    "redacted_flows": "RedactedFlows",
    "redacted_in_out_flows": "RedactedInOutFlow",
    "redacted_trips_od_matrix": "RedactedTripsODMatrix",
    "redacted_consecutive_trips_od_matrix": "RedactedConsecutiveTripsODMatrix",
    "redacted_meaningful_locations_aggregate": "RedactedMeaningfulLocationsAggregate",
    "redacted_meaningful_locations_od": "RedactedMeaningfulLocationsOD",
    "redacted_location_introversion": "RedactedLocationIntroversion",
    "redacted_labelled_aggregate": "RedactedLabelledAggregate",
    "redacted_labelled_spatial_aggregate": "RedactedLabelledSpatialAggregate",
    "redacted_labelled_flows": "RedactedLabelledFlows",
    "redacted_total_events": "RedactedTotalEvents",
}
_NONSPATIAL = {
    "histogram_aggregation": "HistogramAggregation",
    "per_value_aggregate": "PerValueAggregate",
    "redacted_per_value_aggregate": "RedactedPerValueAggregate",
}
_SPATIAL = {
    "versioned_infrastructure": "VersionedInfrastructure",
    "distance_matrix": "DistanceMatrix",
    "geography": "Geography",
    "circles": "CircleGeometries",
    "location_area": "LocationArea",
    "location_cluster": "LocationCluster",
}
_UTILITIES = {
    "event_table_subset": "EventTableSubset",
    "events_tables_union": "EventsTablesUnion",
    "subscriber_locations": "SubscriberLocations",
    "sets": "UniqueSubscribers SubscriberLocationSubset",
    "group_values": "GroupValues",
    "combine_first": "CombineFirst",
    "unique_values_from_queries": "UniqueValuesFromQueries",
}
_CORE = {
    "table": "Table",
    "geotable": "GeoTable",
    "custom_query": "CustomQuery",
    "grid": "Grid",
    "join": "Join",
    "union": "Union",
    "union_with_fixed_values": "UnionWithFixedValues",
    "join_to_location": "JoinToLocation",
    "dummy_query": "DummyQuery",
}
_FAMILIES = {
    "flowmachine.features.utilities": _UTILITIES,
    "flowmachine.features.subscriber": _SUBSCRIBER,
    "flowmachine.features.location": _LOCATION,
    "flowmachine.features.nonspatial_aggregates": _NONSPATIAL,
    "flowmachine.features.network": {"total_network_objects": "TotalNetworkObjects AggregateNetworkObjects"},
    "flowmachine.features.raster": {"raster_statistics": "RasterStatistics"},
    "flowmachine.features.spatial": _SPATIAL,
    "flowmachine.features.dfs": {"total_amount_for_metric": "DFSTotalMetricAmount"},
    "flowmachine.core": _CORE,
}
CLASSES: dict[str, str] = {
    name: f"{family}.{module}"
    for family, modules in _FAMILIES.items()
    for module, names in modules.items()
    for name in names.split()
}
"""By name: the module that it is imported from."""

FACTORIES: dict[str, str] = {
    "daily_location": "flowmachine.features.subscriber.daily_location",
    "locate_subscribers": "flowmachine.features.subscriber.daily_location",
    "majority_location": "flowmachine.features.subscriber.majority_location",
    "feature_collection": "flowmachine.features.utilities.feature_collection",
    "feature_collection_from_list_of_classes": "flowmachine.features.utilities.feature_collection",
}
