"""The import paths that notebooks rely on, and what is there."""

import importlib

import pytest

PUBLIC = {
    "flowmachine": ["__version__", "connect", "connections", "core", "disconnect", "features", "utils"],
    "flowmachine.core": [
        "Connection", "CustomQuery", "GeoTable", "Grid", "JoinToLocation", "Query", "Table", "connect",
        "connections", "disconnect", "init_logging", "location_joined_query", "make_spatial_unit",
        "set_log_level",
    ],
    "flowmachine.core.cache": [
        "cache_table_exists", "get_cache_half_life", "get_cache_protected_period",
        "get_cached_query_objects_ordered_by_score", "get_compute_time", "get_max_size_of_cache",
        "get_obj_or_stub", "get_query_object_by_id", "get_score", "get_size_of_cache", "get_size_of_table",
        "invalidate_cache_by_id", "reset_cache", "resync_redis_with_cache", "set_cache_half_life",
        "set_cache_protected_period", "set_max_size_of_cache", "shrink_below_size", "shrink_one",
        "touch_cache",
    ],
    "flowmachine.core.connection": ["Connection", "MissingCheckError"],
    "flowmachine.core.context": [
        "NotConnectedError", "bind_context", "context", "get_db", "get_engine", "get_executor", "get_redis",
        "submit_to_executor",
    ],
    "flowmachine.core.custom_query": ["CustomQuery"],
    "flowmachine.core.date_range": ["DateRange"],
    "flowmachine.core.dependency_graph": [
        "calculate_dependency_graph", "dependencies_eligible_for_store", "get_dependency_links",
        "plot_dependency_graph", "print_dependency_tree", "query_progress", "store_queries_in_order",
        "unstored_dependencies_graph",
    ],
    "flowmachine.core.dummy_query": ["DummyQuery"],
    "flowmachine.core.errors": [
        "InvalidSpatialUnitError", "MissingColumnsError", "MissingDateError", "NameTooLongError",
        "NotConnectedError", "QueryCancelledException", "QueryErroredException",
        "QueryResetFailedException", "StoreFailedException", "UnstorableQueryError",
    ],
    "flowmachine.core.errors.flowmachine_errors": [
        "QueryCancelledException", "QueryErroredException", "QueryResetFailedException",
        "StoreFailedException",
    ],
    "flowmachine.core.geotable": ["GeoTable"],
    "flowmachine.core.grid": ["Grid"],
    "flowmachine.core.hour_slice": ["HourAndMinutesTimestamp", "HourInterval", "HourSlice"],
    "flowmachine.core.init": ["connect", "connections"],
    "flowmachine.core.join": ["Join"],
    "flowmachine.core.join_to_location": ["JoinToLocation", "location_joined_query"],
    "flowmachine.core.logging": ["init_logging", "set_log_level"],
    "flowmachine.core.mixins": ["GeoDataMixin", "GraphMixin"],
    "flowmachine.core.query": ["Query"],
    "flowmachine.core.query_info_lookup": ["QueryInfoLookup", "QueryInfoLookupError", "UnkownQueryIdError"],
    "flowmachine.core.query_state": ["QueryEvent", "QueryState", "QueryStateMachine"],
    "flowmachine.core.query_stub": ["QStub"],
    "flowmachine.core.random": ["random_factory"],
    "flowmachine.core.server.cache_cleanup": ["main", "watch_and_shrink_cache"],
    "flowmachine.core.server.exceptions": ["FlowmachineServerError", "QueryLoadError"],
    "flowmachine.core.server.server": ["main"],
    "flowmachine.core.server.utils": [
        "FM_EXAMPLE_MESSAGE", "send_zmq_message_and_await_reply", "send_zmq_message_and_receive_reply",
    ],
    "flowmachine.core.server.zmq_helpers": [
        "ZMQReply", "ZMQReplyMessage", "ZMQReplyPayload", "ZMQReplyStatus",
    ],
    "flowmachine.core.spatial_unit": [
        "AdminSpatialUnit", "CellSpatialUnit", "GeomSpatialUnit", "GridSpatialUnit", "LonLatSpatialUnit",
        "PolygonSpatialUnit", "VersionedCellSpatialUnit", "VersionedSiteSpatialUnit", "make_spatial_unit",
    ],
    "flowmachine.core.sqlalchemy_table_definitions": ["EventsCallsTable"],
    "flowmachine.core.sqlalchemy_utils": [
        "get_query_result_as_dataframe", "get_sql_string", "get_sqlalchemy_table_definition",
        "get_string_representation", "make_sqlalchemy_column_from_flowmachine_column_description",
    ],
    "flowmachine.core.statistic_types": ["Statistic", "StringAggregate"],
    "flowmachine.core.subscriber_subsetter": ["make_subscriber_subsetter"],
    "flowmachine.core.table": ["Table"],
    "flowmachine.core.union": ["Union"],
    "flowmachine.core.union_with_fixed_values": ["UnionWithFixedValues"],
    "flowmachine.utils": [
        "Statistic", "convert_dict_keys_to_strings", "get_dist_query_string", "get_name_and_alias",
        "list_of_dates", "parse_datestring", "pretty_sql", "proj4string", "sort_recursively",
        "standardise_date", "standardise_date_to_datetime", "time_period_add", "to_nested_list",
    ],
    "flowmachine.versions": ["__version__"],
}  # fmt: skip


@pytest.mark.parametrize("path", PUBLIC)
def test_public_names_can_be_imported(path: str) -> None:
    module = importlib.import_module(path)
    assert [name for name in PUBLIC[path] if not hasattr(module, name)] == []


@pytest.mark.parametrize(
    "path", ["flowmachine", "flowmachine.core", "flowmachine.features", "flowmachine.utils"]
)
def test_a_star_import_names_only_what_exists(path: str) -> None:
    module = importlib.import_module(path)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
