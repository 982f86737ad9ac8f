"""Examples of infrastructure, areas, clusters of points, rasters, and what is predicted from distances."""

import warnings

import pandas as pd

from flowmachine.core import make_spatial_unit
from flowmachine.features import (
    Circle,
    CircleGeometries,
    DistanceMatrix,
    Geography,
    LocationArea,
    LocationCluster,
    PopulationWeightedOpportunities,
    RasterStatistics,
    VersionedInfrastructure,
)
from flowmachine.features.spatial.location_area import LocationAreaSize

_DAY = "2016-01-03"
_REGIONS = Geography(make_spatial_unit("admin", level=3))
_CIRCLES = CircleGeometries([Circle(0.5, 0.5, 1000, "a"), Circle(1.5, 0.5, 2000, "b")])
_SIGHT = LocationArea(date=_DAY, method="viewshed")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    _PWO = PopulationWeightedOpportunities("2016-01-01", "2016-01-02")
    _PWO_BY_PLACE = PopulationWeightedOpportunities(
        "2016-01-01",
        "2016-01-02",
        spatial_unit=make_spatial_unit("lon-lat"),
        departure_rate=pd.DataFrame({"lon": [0.5, 1.5], "lat": [0.5, 0.5], "rate": [0.25, 1]}),
    )

QUERIES = {
    "distances of points": DistanceMatrix().geom_matrix,
    "sites": VersionedInfrastructure(date=_DAY),
    "sites, a day later": VersionedInfrastructure(date="2016-01-04"),
    "cells": VersionedInfrastructure("cells", _DAY),
    "circles": _CIRCLES,
    "circles, one": CircleGeometries([Circle(0.5, 0.5, 1000, "a")]),
    "circles, wider": CircleGeometries([Circle(0.5, 0.5, 1001, "a")]),
    "circles, summed": _CIRCLES.raster_sum("population.people"),
    "raster": RasterStatistics("population.people"),
    "raster, another band": RasterStatistics("population.people", 2),
    "raster, by region": RasterStatistics("population.people", vector=_REGIONS, grouping_element="pcod"),
    "areas": LocationArea(date=_DAY),
    "areas of cells": LocationArea("cells", date=_DAY),
    "areas of a table": LocationArea("points", location_identifier="name", geometry_identifier="g"),
    "areas, not cut": LocationArea(date=_DAY, envelope_table=None),
    "areas, radius": LocationArea(date=_DAY, method="radius"),
    "areas, small radius": LocationArea(date=_DAY, method="radius", radius=1),
    "areas, both": LocationArea(date=_DAY, method="radius-voronois"),
    "areas, visible": _SIGHT,
    "areas, visible from above": LocationArea(date=_DAY, method="viewshed", above_ground_position=10),
    "lines of sight": _SIGHT.slopes,
    "areas, measured": LocationAreaSize(LocationArea(date=_DAY)),
    "clusters of points": LocationCluster(date=_DAY),
    "clusters of points, three": LocationCluster(date=_DAY, number_of_clusters=3),
    "clusters of points, by density": LocationCluster(date=_DAY, method="dbscan"),
    "clusters of points, dense ones": LocationCluster(date=_DAY, method="dbscan", return_no_cluster=False),
    "clusters of points, by distance": LocationCluster(date=_DAY, method="area"),
    "clusters of points, together": LocationCluster(date=_DAY, aggregate=True),
    "opportunities": _PWO,
    "opportunities, by place": _PWO_BY_PLACE,
    "opportunities around": _PWO.surroundings,
}
