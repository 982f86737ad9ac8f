"""Clusters and areas as GeoJSON, and through the engine with everything that it stores on the way."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from flowmachine.api.registry import parse
from flowmachine.core.execute import Engine
from flowmachine.features import CircleGeometries, LocationArea, LocationCluster, VersionedInfrastructure
from flowmachine.features.spatial.circles import Circle
from tests.country import insert_events, random_events
from tests.families.clusters import QUERIES, SPECS
from tests.oracle.clusters_definitions import SITE_OF_CELL
from tests.oracle.sites import insert_sites


@pytest.fixture(autouse=True, scope="module")
def data(superuser: sa.Engine) -> Iterator[None]:
    with superuser.begin() as connection:
        insert_sites(connection)
        insert_events(connection, random_events(seed=5, number=2000, subscribers=60))
    yield
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))
        connection.execute(sa.delete(sa.table("sites", schema="infrastructure")))
        cells = sa.table("cells", sa.column("id"), sa.column("site_id"), schema="infrastructure")
        chosen = cells.c.id.in_(list(SITE_OF_CELL))
        connection.execute(sa.update(cells).where(chosen).values(site_id=None))


@pytest.mark.parametrize("stored", [False, True])
def test_clusters_are_features(engine: Engine, stored: bool) -> None:
    query = QUERIES["hartigan"]
    if stored:
        query.store().result(timeout=60)
    features = query.to_geojson()["features"]
    assert len(features) == len(query) > 60
    for feature in features:
        assert feature["geometry"]["type"] == "Point"
        assert feature["properties"]["centroid"] == feature["geometry"]
        assert set(feature["properties"]) == {
            "subscriber", "rank", "calldays", "site_id", "version", "centroid",
        }  # fmt: skip
    assert {feature["id"] for feature in features} == set(range(1, len(features) + 1))


def test_areas_are_known_by_their_points(engine: Engine) -> None:
    areas = LocationArea(date="2016-01-03", method="radius", radius=1, envelope_table=None)
    features = areas.to_geojson()["features"]
    assert sorted(feature["id"] for feature in features) == sorted(
        VersionedInfrastructure(date="2016-01-03").get_dataframe()["id"]
    )
    assert {feature["geometry"]["type"] for feature in features} == {"Polygon"}
    assert all(list(feature["properties"]) == ["centroid"] for feature in features)


def test_the_size_of_areas_is_a_frame(engine: Engine) -> None:
    areas = LocationArea(date="2016-01-03", method="radius", radius=1, envelope_table=None)
    frame = areas.area()
    assert list(frame.columns) == ["location_id", "geom_point", "geom_radius", "area"]
    assert frame["area"].between(3_000_000, 3_200_000).all()


def test_clustered_points_are_features(engine: Engine) -> None:
    points = LocationCluster(date="2016-01-03", number_of_clusters=2)
    features = points.to_geojson()["features"]
    assert {feature["properties"]["cluster_id"] for feature in features} == {0, 1}
    together = LocationCluster(date="2016-01-03", number_of_clusters=2, aggregate=True)
    assert sorted(feature["id"] for feature in together.to_geojson()["features"]) == [0, 1]


def test_circles_are_features(engine: Engine) -> None:
    (feature,) = CircleGeometries([Circle(0.5, 0.5, 1000, "a")]).to_geojson()["features"]
    assert (feature["geometry"]["type"], feature["properties"]["name"]) == ("Polygon", "a")


@pytest.mark.parametrize("name", sorted(SPECS))
def test_kinds_are_stored_and_read(engine: Engine, name: str) -> None:
    query = parse(SPECS[name]).expose(15)
    direct = sorted(query, key=repr)
    query.store().result(timeout=60)
    assert query.is_stored
    assert sorted(query, key=repr) == direct
    for feature in query.to_geojson()["features"]:
        shape = feature["geometry"]
        assert shape is None or shape["type"] == "MultiPolygon"
