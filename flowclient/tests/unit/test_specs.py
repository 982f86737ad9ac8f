import datetime
import inspect

import pytest

import flowclient
from flowclient import aggregates, query_specs

from .conftest import Face

DAYS = {"start_date": "2016-01-01", "end_date": "2016-01-04"}
EVENTS = {"event_types": None, "subscriber_subset": None, "hours": None}
TABLES = {"mapping_table": None, "geom_table": None, "geom_table_join_column": None}
PERIODS = {"start_date": "2016-01-01", "total_periods": 4}
WRITTEN_PERIODS = {**PERIODS, "period_unit": "days", "period_length": 1}
PLACE = {"query_kind": "daily_location"}
SCORES = {
    "labels": {"home": {}},
    "tower_day_of_week_scores": {"monday": 1},
    "tower_hour_of_day_scores": [0] * 24,
    "aggregation_unit": "admin3",
}
CLUSTERS = {
    "tower_cluster_radius": 1.0,
    "tower_cluster_call_threshold": 0,
    "event_types": None,
    "subscriber_subset": None,
}
UNIT = {"aggregation_unit": "admin3"}

# function, arguments, fields besides the kind
SPECS = [
    ("unique_locations", {**DAYS, **UNIT}, {**DAYS, **UNIT, **EVENTS, **TABLES}),
    ("most_frequent_location", {**DAYS, **UNIT}, {**DAYS, **UNIT, **EVENTS, **TABLES}),
    (
        "daily_location",
        {"date": "2016-01-01", "method": "last", **UNIT, "hours": (3, 24), "event_types": ["sms"]},
        {
            "date": "2016-01-01",
            "method": "last",
            **UNIT,
            **TABLES,
            "event_types": ["sms"],
            "subscriber_subset": None,
            "hours": {"start_hour": 3, "end_hour": 24},
        },
    ),
    ("modal_location", {"locations": [PLACE]}, {"locations": [PLACE]}),
    ("radius_of_gyration", DAYS, {**DAYS, **EVENTS}),
    ("total_active_periods", PERIODS, {**WRITTEN_PERIODS, **EVENTS}),
    ("unique_location_counts", {**DAYS, **UNIT}, {**DAYS, **UNIT, **EVENTS, **TABLES}),
    (
        "topup_balance",
        {**DAYS, "statistic": "avg"},
        {**DAYS, "statistic": "avg", "subscriber_subset": None, "hours": None},
    ),
    (
        "topup_amount",
        {**DAYS, "statistic": "avg"},
        {**DAYS, "statistic": "avg", "subscriber_subset": None, "hours": None},
    ),
    ("subscriber_degree", DAYS, {**DAYS, **EVENTS, "direction": "both"}),
    ("event_count", DAYS, {**DAYS, **EVENTS, "direction": "both"}),
    (
        "displacement",
        {**DAYS, "statistic": "max", "reference_location": PLACE},
        {**DAYS, **EVENTS, "statistic": "max", "reference_location": PLACE},
    ),
    ("pareto_interactions", {**DAYS, "proportion": 0.8}, {**DAYS, **EVENTS, "proportion": 0.8}),
    (
        "nocturnal_events",
        {**DAYS, "hours": (20, 4)},
        {
            **DAYS,
            "night_hours": {"start_hour": 20, "end_hour": 4},
            "event_types": None,
            "subscriber_subset": None,
        },
    ),
    ("handset", DAYS, {**DAYS, **EVENTS, "characteristic": "hnd_type", "method": "last"}),
    (
        "majority_location",
        {"subscriber_location_weights": PLACE},
        {
            "subscriber_location_weights": PLACE,
            "minimum_total_weight": 0.0,
            "include_unlocatable": False,
        },
    ),
    ("location_visits", {"locations": [PLACE]}, {"locations": [PLACE]}),
    *(
        (name, arguments, arguments)
        for name, arguments in (
            (
                "coalesced_location",
                {
                    "preferred_location": PLACE,
                    "fallback_location": PLACE,
                    "subscriber_location_weights": PLACE,
                    "weight_threshold": 2,
                },
            ),
            ("mobility_classification", {"locations": [PLACE], "stay_length_threshold": 2}),
        )
    ),
    (
        "location_event_counts",
        {**DAYS, **UNIT, "count_interval": "hour"},
        {**DAYS, **UNIT, **EVENTS, **TABLES, "interval": "hour", "direction": "both"},
    ),
    (
        "meaningful_locations_aggregate",
        {**DAYS, **SCORES, "label": "home"},
        {**DAYS, **SCORES, "label": "home", **CLUSTERS, **TABLES},
    ),
    (
        "meaningful_locations_between_label_od_matrix",
        {**DAYS, **SCORES, "label_a": "home", "label_b": "work"},
        {**DAYS, **SCORES, "label_a": "home", "label_b": "work", **CLUSTERS, **TABLES},
    ),
    (
        "meaningful_locations_between_dates_od_matrix",
        {**SCORES, "label": "home", **{f"{key}_{x}": DAYS[key] for key in DAYS for x in "ab"}},
        {
            **SCORES,
            "label": "home",
            **CLUSTERS,
            **TABLES,
            **{f"{key}_{x}": DAYS[key] for key in DAYS for x in "ab"},
        },
    ),
    *(
        (
            name,
            {"from_location": PLACE, "to_location": PLACE, **labels},
            {"from_location": PLACE, "to_location": PLACE, "join_type": "inner", **labels},
        )
        for name, labels in (
            ("flows", {}),
            ("inflows", {}),
            ("outflows", {}),
            ("labelled_flows", {"labels": PLACE}),
        )
    ),
    ("unique_subscriber_counts", {**DAYS, **UNIT}, {**DAYS, **UNIT, **EVENTS, **TABLES}),
    (
        "location_introversion",
        {**DAYS, **UNIT},
        {**DAYS, **UNIT, **EVENTS, **TABLES, "direction": "both"},
    ),
    (
        "total_network_objects",
        {**DAYS, **UNIT},
        {**DAYS, **UNIT, **EVENTS, **TABLES, "total_by": "day"},
    ),
    (
        "aggregate_network_objects",
        {"total_network_objects": PLACE, "statistic": "avg"},
        {"total_network_objects": PLACE, "statistic": "avg", "aggregate_by": "day"},
    ),
    ("spatial_aggregate", {"locations": PLACE}, {"locations": PLACE}),
    (
        "labelled_spatial_aggregate",
        {"locations": PLACE, "labels": PLACE},
        {"locations": PLACE, "labels": PLACE},
    ),
    (
        "joined_spatial_aggregate",
        {"locations": PLACE, "metric": PLACE},
        {"locations": PLACE, "metric": PLACE, "method": "avg"},
    ),
    ("histogram_aggregate", {"metric": PLACE, "bins": 5}, {"metric": PLACE, "bins": {"n_bins": 5}}),
    (
        "histogram_aggregate",
        {"metric": PLACE, "bins": (1, 2, 5), "range": (1, 5)},
        {
            "metric": PLACE,
            "bins": {"bin_list": [1, 2, 5]},
            "range": {"lower_bound": 1, "upper_bound": 5},
        },
    ),
    (
        "histogram_aggregate",
        {"metric": PLACE, "bins": [1, 2], "range": {"lower_bound": 1, "upper_bound": 5}},
        {"metric": PLACE, "bins": {"bin_list": [1, 2]}, "range": {"lower_bound": 1, "upper_bound": 5}},
    ),
    (
        "active_at_reference_location_counts",
        {"reference_locations": PLACE, "unique_locations": {}},
        {"reference_locations": PLACE, "unique_locations": {}},
    ),
    (
        "unmoving_at_reference_location_counts",
        {"reference_locations": PLACE, "unique_locations": {}},
        {"reference_locations": PLACE, "locations": {}},
    ),
    ("unmoving_counts", {"unique_locations": PLACE}, {"locations": PLACE}),
    ("trips_od_matrix", {**DAYS, **UNIT}, {**DAYS, **UNIT, **EVENTS, **TABLES}),
    ("consecutive_trips_od_matrix", {**DAYS, **UNIT}, {**DAYS, **UNIT, **EVENTS, **TABLES}),
    ("calendar_activity", PERIODS, {**WRITTEN_PERIODS, **EVENTS}),
    (
        "localised_calendar_activity",
        {**PERIODS, "locations": PLACE},
        {**WRITTEN_PERIODS, **EVENTS, "reference_location": PLACE},
    ),
]


def specify(kind: str):
    return getattr(aggregates, f"{kind}_spec", None) or getattr(query_specs, f"{kind}_spec")


@pytest.mark.parametrize(("kind", "arguments", "fields"), SPECS)
def test_fields(kind: str, arguments: dict, fields: dict) -> None:
    assert specify(kind)(**arguments) == {"query_kind": kind, **fields}


def test_every_function_is_covered() -> None:
    names = {name.removesuffix("_spec") for name in (*aggregates.__all__, *query_specs.__all__)}
    assert {kind for kind, _, _ in SPECS} == names - {"modal_location_from_dates", "random_sample"}


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [(kind, arguments) for kind, arguments, _ in SPECS if f"{kind}_spec" in aggregates.__all__],
)
def test_query_functions(face: Face, kind: str, arguments: dict) -> None:
    connection = face.connection()
    query = getattr(flowclient, kind)(connection=connection, **arguments)
    assert query.connection is connection
    assert query.parameters == specify(kind)(**arguments)
    assert isinstance(query, flowclient.ASyncAPIQuery) == (face.name == "async")


@pytest.mark.parametrize("name", [*aggregates.__all__, *query_specs.__all__])
def test_signatures_and_docstrings_are_complete(name: str) -> None:
    function = getattr(aggregates, name, None) or getattr(query_specs, name)
    parameters = inspect.signature(function).parameters
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters.values())
    text = inspect.getdoc(function) or ""
    assert function.__name__ == name
    assert text.startswith("Specify " if name.endswith("_spec") else "Query ")
    for parameter in parameters:
        assert f"\n{parameter}\n" in text
    if not name.endswith("_spec"):
        own = inspect.signature(getattr(aggregates, f"{name}_spec")).parameters
        assert list(parameters) == ["connection", *own]
        assert [parameters[key].default for key in own] == [own[key].default for key in own]


def test_missing_and_unknown_arguments() -> None:
    with pytest.raises(TypeError, match="to_location"):
        flowclient.flows(connection=None, from_location={})
    with pytest.raises(TypeError, match="unknown"):
        flowclient.spatial_aggregate(connection=None, locations={}, unknown=1)
    with pytest.raises(TypeError, match="locations"):
        flowclient.localised_calendar_activity(connection=None, **PERIODS)


def test_modal_location_from_dates() -> None:
    spec = flowclient.modal_location_from_dates_spec(
        start_date="2016-02-28",
        end_date=datetime.date(2016, 3, 1),
        aggregation_unit="admin3",
        method="last",
        hours=(1, 2),
    )
    assert spec["query_kind"] == "modal_location"
    assert spec["locations"] == [
        flowclient.daily_location_spec(date=day, aggregation_unit="admin3", method="last", hours=(1, 2))
        for day in ("2016-02-28", "2016-02-29")
    ]


@pytest.mark.parametrize("end_date", ["2016-01-01", "2015-12-31"])
def test_range_without_days_is_refused(end_date: str) -> None:
    with pytest.raises(ValueError, match="must be later than 2016-01-01"):
        flowclient.modal_location_from_dates_spec(
            start_date="2016-01-01", end_date=end_date, aggregation_unit="admin3", method="last"
        )


@pytest.mark.parametrize(
    ("day", "written"),
    [
        ("anything", "anything"),
        (datetime.date(2016, 1, 1), "2016-01-01"),
        (datetime.datetime(2016, 1, 1), "2016-01-01"),  # noqa: DTZ001
        (datetime.datetime(2016, 1, 1, 5), "2016-01-01T05:00:00"),  # noqa: DTZ001
    ],
)
def test_dates(day: str | datetime.date, written: str) -> None:
    spec = flowclient.daily_location_spec(date=day, aggregation_unit="admin3", method="last")
    assert spec["date"] == written


def test_random_sample_leaves_the_query_alone() -> None:
    query = {"query_kind": "event_count"}
    assert flowclient.random_sample_spec(query=query, seed=0.5, size=10) == {
        "query_kind": "event_count",
        "sampling": {
            "seed": 0.5,
            "sampling_method": "random_ids",
            "size": 10,
            "fraction": None,
            "estimate_count": True,
        },
    }
    assert query == {"query_kind": "event_count"}
