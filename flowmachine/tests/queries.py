"""A query of every class, and of every argument that changes its meaning."""

from flowmachine.core import CustomQuery, GeoTable, Grid, JoinToLocation, Query, Table, make_spatial_unit
from flowmachine.core.disclosure import disclose
from flowmachine.core.dummy_query import DummyQuery
from flowmachine.core.subset import StoredSubscribers
from flowmachine.core.union import Union
from flowmachine.core.union_with_fixed_values import UnionWithFixedValues
from flowmachine.features import (
    DistanceMatrix,
    Flows,
    Geography,
    LastLocation,
    ModalLocation,
    MostFrequentLocation,
    TotalLocationEvents,
    UniqueSubscriberCounts,
    daily_location,
)
from tests.families import collect

DAY, NEXT = daily_location("2016-01-01"), daily_location("2016-01-02")
CALLS = Table("events.calls", columns=["msisdn", "location_id", "datetime"])
COUNTS = DAY.aggregate()

QUERIES: dict[str, Query] = {
    "dummy": DummyQuery("a"),
    "stored subscribers": StoredSubscribers("0" * 32),
    "table": CALLS,
    "table, fewer columns": Table("events.calls", columns=["msisdn", "location_id"]),
    "table, columns in another order": Table("events.calls", columns=["location_id", "msisdn", "datetime"]),
    "table, another schema": Table("public.calls", columns=["msisdn", "location_id", "datetime"]),
    "geotable": GeoTable("geography.admin3", columns=["admin3pcod", "geom"]),
    "geotable, with ids": GeoTable(
        "geography.admin3", columns=["admin3pcod", "geom"], gid_column="admin3pcod"
    ),
    "table of a geotable": Table("geography.admin3", columns=["admin3pcod", "geom"]),
    "custom": CustomQuery("SELECT a, b FROM c", ["a", "b"]),
    "custom, columns in another order": CustomQuery("SELECT a, b FROM c", ["b", "a"]),
    "custom, other text": CustomQuery("SELECT a, b FROM c WHERE a = '1'", ["a", "b"]),
    "custom, a number": CustomQuery("SELECT a, b FROM c WHERE a = 1", ["a", "b"]),
    "grid": Grid(10),
    "grid, finer": Grid(0.1),
    "grid, elsewhere": Grid(10, "geography.admin1"),
    "lon-lat": make_spatial_unit("lon-lat"),
    "lon-lat, mapped": make_spatial_unit(
        "lon-lat", mapping_table="m", geom_table="g", geom_table_join_on="c"
    ),
    "lon-lat, mapped the other way": make_spatial_unit(
        "lon-lat", mapping_table="g", geom_table="m", geom_table_join_on="c"
    ),
    "admin3": make_spatial_unit("admin", level=3),
    "admin2": make_spatial_unit("admin", level=2),
    "admin3, mapped": make_spatial_unit("admin", level=3, mapping_table="m"),
    "admin3, by name": make_spatial_unit("admin", level=3, region_id_column_name="admin3name"),
    "admin3, by name under another name": make_spatial_unit(
        "admin", level=3, region_id_column_name="admin3name AS pcod"
    ),
    "versioned-cell": make_spatial_unit("versioned-cell"),
    "versioned-site": make_spatial_unit("versioned-site"),
    "grid unit": make_spatial_unit("grid", size=10),
    "grid unit, mapped": make_spatial_unit("grid", size=10, mapping_table="m"),
    "polygon": make_spatial_unit("polygon", geom_table="g", region_id_column_name=["a", "b"]),
    "polygon, columns in another order": make_spatial_unit(
        "polygon", geom_table="g", region_id_column_name=["b", "a"]
    ),
    "polygon, another geometry": make_spatial_unit(
        "polygon", geom_table="g", region_id_column_name=["a", "b"], geom_column="shape"
    ),
    "polygon, mapped": make_spatial_unit(
        "polygon", geom_table="g", region_id_column_name=["a", "b"], mapping_table="m", geom_table_join_on="a"
    ),
    "last location": LastLocation("2016-01-01", "2016-01-03"),
    "most frequent location": MostFrequentLocation("2016-01-01", "2016-01-03"),
    "modal location": ModalLocation(DAY, NEXT),
    "spatial aggregate": COUNTS,
    "redacted": disclose(COUNTS, 15),
    "redacted above 16": disclose(COUNTS, 16),
    "flows": Flows(DAY, NEXT),
    "flows back": Flows(NEXT, DAY),
    "total events": TotalLocationEvents("2016-01-01", "2016-01-03"),
    "unique subscribers": UniqueSubscriberCounts("2016-01-01", "2016-01-03"),
    "geography": Geography(make_spatial_unit("admin", level=3)),
    "distances": DistanceMatrix(),
    "distances, by position": DistanceMatrix(make_spatial_unit("lon-lat")),
    "distances, with points": DistanceMatrix(return_geometry=True),
    "join": DAY.join(NEXT, "subscriber", left_append="_a", right_append="_b"),
    "join, the other way": NEXT.join(DAY, "subscriber", left_append="_a", right_append="_b"),
    "join, names swapped": DAY.join(NEXT, "subscriber", left_append="_b", right_append="_a"),
    "join, left": DAY.join(NEXT, "subscriber", how="left", left_append="_a", right_append="_b"),
    "join, right": DAY.join(NEXT, "subscriber", how="right", left_append="_a", right_append="_b"),
    "join, on other columns": DAY.join(NEXT, ["pcod"], left_append="_a", right_append="_b"),
    "join, on crossed columns": DAY.join(
        NEXT, ["subscriber", "pcod"], ["pcod", "subscriber"], left_append="_a", right_append="_b"
    ),
    "union": Union(DAY, NEXT),
    "union, without repetitions": Union(DAY, NEXT, all=False),
    "union, twice the same": Union(DAY, NEXT, NEXT),
    "labelled union": UnionWithFixedValues([DAY, NEXT], ["a", "b"], "day"),
    "labelled union, labels swapped": UnionWithFixedValues([DAY, NEXT], ["b", "a"], "day"),
    "labelled union, numbers": UnionWithFixedValues([DAY, NEXT], [1, 2], "day"),
    "labelled union, numbers as text": UnionWithFixedValues([DAY, NEXT], ["1", "2"], "day"),
    "labelled union, another name": UnionWithFixedValues([DAY, NEXT], ["a", "b"], "night"),
    "subset": DAY.subset("pcod", ["1"]),
    "subset, a number": DAY.subset("pcod", [1]),
    "subset, nothing": DAY.subset("pcod", []),
    "subset, no value": DAY.subset("pcod", [None]),
    "subset, one value of two words": DAY.subset("pcod", ["1, 2"]),
    "subset, two values": DAY.subset("pcod", ["1", "2"]),
    "subset, another column": DAY.subset("subscriber", ["1"]),
    "numeric subset": COUNTS.numeric_subset("value", 1, 5),
    "numeric subset, backwards": COUNTS.numeric_subset("value", 5, 1),
    "numeric subset, open": COUNTS.numeric_subset("value", 1, float("inf")),
    "sample": DAY.random_sample(size=5, seed=0),
    "sample, another seed": DAY.random_sample(size=5, seed=1),
    "sample, without a seed": DAY.random_sample(size=5),
    "sample, bernoulli": DAY.random_sample("bernoulli", size=5, seed=0),
    "sample, system": DAY.random_sample("system", size=5, seed=0),
    "sample, system_rows": DAY.random_sample("system_rows", size=5),
    "sample, all": DAY.random_sample(fraction=1, seed=0),
    "sample, one row": DAY.random_sample(size=1, seed=0),
    "join to location": JoinToLocation(
        CALLS, spatial_unit=make_spatial_unit("admin", level=3), time_col="datetime"
    ),
    "join to location, elsewhere": JoinToLocation(
        CALLS, spatial_unit=make_spatial_unit("lon-lat"), time_col="datetime"
    ),
}
QUERIES |= collect("QUERIES")
