import flowclient
from flowclient import aggregates, async_client, client, errors, query_specs

SPECS = """
coalesced_location_spec daily_location_spec displacement_spec event_count_spec handset_spec
location_visits_spec majority_location_spec mobility_classification_spec
modal_location_from_dates_spec modal_location_spec most_frequent_location_spec nocturnal_events_spec
pareto_interactions_spec radius_of_gyration_spec random_sample_spec subscriber_degree_spec
topup_amount_spec topup_balance_spec total_active_periods_spec unique_location_counts_spec
unique_locations_spec
"""
AGGREGATES = """
active_at_reference_location_counts aggregate_network_objects calendar_activity
consecutive_trips_od_matrix flows histogram_aggregate inflows joined_spatial_aggregate
labelled_flows labelled_spatial_aggregate localised_calendar_activity location_event_counts
location_introversion meaningful_locations_aggregate meaningful_locations_between_dates_od_matrix
meaningful_locations_between_label_od_matrix outflows spatial_aggregate total_network_objects
trips_od_matrix unique_subscriber_counts unmoving_at_reference_location_counts unmoving_counts
"""
FUNCTIONS = """
get_available_dates get_available_qa_checks get_available_qa_checks_df get_geography
get_geojson_result get_qa_check_outcome get_qa_check_outcomes get_qa_check_outcomes_df get_result
get_result_by_query_id get_status query_is_ready run_query
"""
MORE_FUNCTIONS = """
get_geojson_result_by_query_id get_json_dataframe get_result_location_from_id_when_ready
wait_for_query_to_be_ready
"""
OTHERS = """
APIQuery ASyncAPIQuery ASyncConnection Connection __version__ aggregates connect connect_async download_result
"""


def test_top_level_names() -> None:
    assert set(flowclient.__all__) == set((SPECS + AGGREGATES + FUNCTIONS + OTHERS).split())
    assert all(hasattr(flowclient, name) for name in flowclient.__all__)
    assert flowclient.__version__ == "2.0.0"


def test_names_of_modules() -> None:
    kinds = AGGREGATES.split()
    assert set(aggregates.__all__) == {*kinds, *(f"{kind}_spec" for kind in kinds)}
    assert set(query_specs.__all__) == set(SPECS.split())
    functions = set((FUNCTIONS + MORE_FUNCTIONS).split())
    assert set(client.__all__) == {*functions, "connect", "FlowclientConnectionError"}
    assert set(async_client.__all__) == {*functions, "connect_async", "FlowclientConnectionError"}
    assert client.FlowclientConnectionError is errors.FlowclientConnectionError


def test_every_error_but_not_found_is_a_connection_error() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type)]
    assert len(classes) == 4
    assert all(issubclass(value, errors.FlowclientConnectionError) for value in classes)
