"""Results as GeoJSON, GeoDataFrames, networks and graphs of what they are made from."""

import io
import json
import sys
from pathlib import Path

import pytest

from flowmachine.core import CustomQuery, GeoTable, Query, Table, make_spatial_unit
from flowmachine.core.dependency_graph import (
    calculate_dependency_graph,
    dependencies_eligible_for_store,
    get_dependency_links,
    plot_dependency_graph,
    print_dependency_tree,
    query_progress,
    store_all_unstored_dependencies,
    unstored_dependencies_graph,
)
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.execute import Engine
from flowmachine.core.mixins import WGS84_PROJ4
from flowmachine.features import Flows, Geography, ModalLocation, daily_location
from tests.country import REGIONS
from tests.stored import ADMIN3, day

pytestmark = pytest.mark.usefixtures("some_events")


@pytest.mark.parametrize("stored", [False, True])
def test_a_result_is_a_feature_collection(engine: Engine, stored: bool, tmp_path: Path) -> None:
    query = day(1).aggregate()
    if stored:
        query.store().result(timeout=30)
    collection = query.to_geojson()
    assert (collection["type"], collection["properties"]) == ("FeatureCollection", {"crs": WGS84_PROJ4})
    counts = {
        feature["properties"]["pcod"]: feature["properties"]["value"] for feature in collection["features"]
    }
    assert counts == dict(query)
    for feature in collection["features"]:
        west, east = REGIONS[3][feature["properties"]["pcod"]]
        ring = feature["geometry"]["coordinates"][0][0]
        assert {x for x, _ in ring} == {west, east}
        assert feature["properties"]["centroid"]["coordinates"] == [(west + east) / 2, 0.5]
        assert feature["type"] == "Feature"
    assert sorted(feature["id"] for feature in collection["features"]) == [1, 2, 3, 4]
    assert {json.dumps(f) for f in json.loads(query.to_geojson_string())["features"]}
    query.to_geojson_file(tmp_path / "counts.geojson")
    assert json.loads((tmp_path / "counts.geojson").read_text()) == query.to_geojson()


@pytest.mark.parametrize("crs", [3857, "+proj=merc +a=6378137 +b=6378137 +units=m +no_defs"])
def test_coordinates_in_another_system(engine: Engine, crs: int | str) -> None:
    collection = Geography(ADMIN3).to_geojson(crs)
    assert "+proj=merc" in collection["properties"]["crs"]
    xs = {round(x) for f in collection["features"] for x, _ in f["geometry"]["coordinates"][0][0]}
    assert xs == {0, 111319, 222639, 333958, 445278}
    assert "crs" not in collection["features"][0]["geometry"]


@pytest.mark.parametrize("crs", [123456, "+proj=nothing", "'; DROP TABLE events.calls; --"])
def test_an_unknown_system_is_refused(engine: Engine, crs: int | str) -> None:
    with pytest.raises(ValueError, match="that FlowDB"):
        Geography(ADMIN3).to_geojson(crs)


def test_an_empty_result_is_an_empty_collection(engine: Engine) -> None:
    assert day(1).aggregate().subset("pcod", []).to_geojson()["features"] == []


def test_a_result_without_geography_is_refused(engine: Engine) -> None:
    for query in (
        CustomQuery("SELECT 1 AS a", "a"),
        daily_location("2016-01-01", spatial_unit=make_spatial_unit("cell")),
    ):
        with pytest.raises(InvalidSpatialUnitError, match="no geography"):
            query.geojson_query()


def test_the_sql_of_the_features_is_the_same_in_every_process(engine: Engine) -> None:
    """Columns in the order of a set once gave another text in another process."""
    query = day(1).aggregate()
    found = CustomQuery(query.geojson_query(), ["type", "id", "geometry", "properties"])
    assert list(found.get_dataframe().properties[0]) == ["pcod", "value", "centroid"]


def test_a_table_with_geometries(engine: Engine) -> None:
    regions = GeoTable("geography.admin3", columns=["admin3pcod", "geom"], gid_column="admin3pcod")
    features = regions.to_geojson()["features"]
    assert {feature["id"] for feature in features} == set(REGIONS[3])
    assert set(features[0]["properties"]) == {"centroid"}
    some = regions.subset("admin3pcod", ["R1"]).to_geojson()["features"]
    assert [feature["id"] for feature in some] == ["R1"]
    assert GeoTable("admin3", "geography").column_names == ["admin3pcod", "admin3name", "geom"]
    with pytest.raises(ValueError, match="'shape' must be one of the columns"):
        GeoTable("geography.admin3", geom_column="shape")
    with pytest.raises(ValueError, match="'gid' must be one of the columns"):
        GeoTable("geography.admin3", columns="geom", gid_column="gid")


def test_a_column_may_have_any_name_on_a_map(engine: Engine) -> None:
    query = CustomQuery(
        "SELECT ST_SetSRID(ST_MakePoint(1, 2), 4326) AS geom, 1 AS rows, 2 AS crs, "
        '3 AS "a b\'c%", 4 AS centroid',
        ["geom", "rows", "crs", "a b'c%", "centroid"],
    )
    (feature,) = query.to_geojson()["features"]
    assert feature["properties"] == {
        "rows": 1,
        "crs": 2,
        "a b'c%": 3,
        "centroid": {"type": "Point", "coordinates": [1, 2]},
    }


def test_a_frame_with_geometries(engine: Engine) -> None:
    query = day(1).aggregate()
    frame = query.to_geopandas()
    assert frame.crs.to_epsg() == 4326
    assert dict(zip(frame.pcod, frame.value, strict=True)) == dict(query)
    assert frame.total_bounds.tolist() == [0, 0, 4, 1]
    assert query.to_geopandas(3857).crs.to_epsg() == 3857


def test_flows_are_a_network(engine: Engine) -> None:
    flows = Flows(day(1), day(2))
    graph = flows.to_networkx()
    assert graph.is_directed()
    assert {(a, b, d["value"]) for a, b, d in graph.edges(data=True)} == set(flows)
    assert set(flows.to_networkx(source="pcod_to", target="pcod_from").edges) == {
        (b, a) for a, b in graph.edges
    }
    with pytest.raises(ValueError, match="both the source and the target"):
        flows.to_networkx(source="pcod_from")
    with pytest.raises(ValueError, match="no column nowhere"):
        flows.to_networkx(source="nowhere", target="pcod_to")
    with pytest.warns(UserWarning, match="several rows"):
        assert not flows.to_networkx("value", "value", directed_graph=False).is_directed()


def diamonds(height: int) -> Query:
    """Return a query with 2 to the power of ``height`` paths to its input."""
    query: Query = day(1)
    for _ in range(height):
        query = query.join(query, ["subscriber", "pcod"])
    for n in range(height):
        query = query.union(query.subset("pcod", f"R{n}"))
    return query


def test_shared_inputs_are_visited_once(engine: Engine) -> None:
    """Every path was once followed by itself: forty shared inputs never came to an end."""
    assert set(diamonds(3).get_dataframe().pcod) <= set(REGIONS[3])
    query = diamonds(20)
    graph = unstored_dependencies_graph(query)
    assert len(graph) == 20 + 40 + 3 - 1  # joins, subsets and unions; the day, its visits and the unit
    assert len(get_dependency_links(query)) < 100
    tree = io.StringIO()
    print_dependency_tree(query, stream=tree)
    assert tree.getvalue().count("\n") < 150


def below_a_day(query: Query) -> list[str]:
    """Return the lines of a tree for what a daily location is made from."""
    (visits,) = query.parts
    unit = f"- <AdminSpatialUnit, id='{ADMIN3.query_id}'> (stored: True)"
    lines = {
        ADMIN3.query_id: [f"      {unit}"],
        visits.query_id: [
            f"      - <DailyVisits, id='{visits.query_id}'> (stored: False)",
            f"         {unit}",
        ],
    }
    return [line for query_id in sorted(lines) for line in lines[query_id]]


def test_a_tree_of_what_a_query_is_made_from(engine: Engine) -> None:
    day(1).store().result(timeout=30)
    query = ModalLocation(day(1), day(2))
    tree = io.StringIO()
    print_dependency_tree(query, show_stored=True, stream=tree)
    first, second = sorted((day(1), day(2)), key=lambda q: q.query_id)
    assert tree.getvalue().splitlines() == [
        f"<ModalLocation, id='{query.query_id}'> (stored: False)",
        f"   - <LastLocation, id='{first.query_id}'> (stored: {first == day(1)})",
        *below_a_day(first),
        f"   - <LastLocation, id='{second.query_id}'> (stored: {second == day(1)})",
        *below_a_day(second),
    ]


def test_a_graph_of_what_a_query_is_made_from(engine: Engine) -> None:
    day(1).store().result(timeout=30)
    query = Flows(day(1), day(2))
    graph = calculate_dependency_graph(query)
    assert set(graph.edges) == {
        (f"x{query.query_id}", f"x{day(1).query_id}"),
        (f"x{query.query_id}", f"x{day(2).query_id}"),
        *((f"x{day(n).query_id}", f"x{ADMIN3.query_id}") for n in (1, 2)),
        *((f"x{day(n).query_id}", f"x{day(n).parts[0].query_id}") for n in (1, 2)),
        *((f"x{day(n).parts[0].query_id}", f"x{ADMIN3.query_id}") for n in (1, 2)),
    }
    node = graph.nodes[f"x{day(1).query_id}"]
    assert (node["name"], node["stored"], node["query_object"]) == ("LastLocation", True, day(1))
    assert node["cost"] > 0
    assert node["fillcolor"]
    assert "fillcolor" not in graph.nodes[f"x{query.query_id}"]
    analysed = calculate_dependency_graph(query, analyse=True)
    assert analysed.nodes[f"x{query.query_id}"]["runtime"] > 0


def test_a_picture_needs_what_draws_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="Unsupported output format: 'bmp'"):
        plot_dependency_graph(day(1), format="bmp")
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    with pytest.raises(ImportError, match="install IPython and pygraphviz"):
        plot_dependency_graph(day(1))


def test_what_is_not_stored_yet(engine: Engine) -> None:
    query = ModalLocation(day(1), day(2)).aggregate()
    modal, (visits,) = query.dependencies[0], day(2).parts
    left = {f"x{other.query_id}" for other in (modal, day(2), visits)}
    day(1).store().result(timeout=30)
    assert set(unstored_dependencies_graph(query)) == left
    engine.states.queue([day(2).query_id])
    assert set(unstored_dependencies_graph(query)) == {f"x{modal.query_id}"}
    engine.states.cancel(day(2).query_id)
    futures = store_all_unstored_dependencies(query)
    assert set(futures) == left
    for future in futures.values():
        future.result(timeout=30)
    assert not set(unstored_dependencies_graph(query))
    query.store().result(timeout=30)
    assert not set(unstored_dependencies_graph(query))


def test_progress_counts_what_will_be_stored(engine: Engine) -> None:
    """Kinds that are never stored were once counted as still to come."""
    query = day(1).union(day(2)).subset("pcod", "R0")
    left = dependencies_eligible_for_store(query)
    assert {type(q).__name__ for q in left} == {"AdminSpatialUnit", "LastLocation", "Subset"}
    assert query_progress(query) == {"eligible": 4, "queued": 0, "running": 0}
    engine.states.queue([day(2).query_id])
    assert query_progress(query) == {"eligible": 4, "queued": 1, "running": 0}
    engine.states.cancel(day(2).query_id)
    query.store().result(timeout=30)
    assert query_progress(query) == {"eligible": 0, "queued": 0, "running": 0}


def test_queries_held_in_any_container_are_inputs(engine: Engine) -> None:
    """Queries in a dict or a set were once invisible, so that nothing was invalidated with them."""
    from tests.plugins import Held

    query = Held(by_name={"a": day(1)}, chosen=frozenset({day(2)}))
    assert set(query.dependencies) == {day(1), day(2)}
    query.store().result(timeout=30)
    day(2).invalidate_db_cache()
    assert not query.is_stored
    assert Table("geography.admin3", columns="geom").dependencies == ()
