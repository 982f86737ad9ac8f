"""What results can be besides tables: maps and networks."""

import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from flowmachine.core import sql

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx

    from flowmachine.core.connection import Connection
    from flowmachine.core.query import Query

Crs: TypeAlias = "int | str | None"
"""A coordinate reference system: an EPSG number, proj4 text, or None for WGS 84."""

WGS84_PROJ4 = "+proj=longlat +datum=WGS84 +no_defs"


def proj4string(crs: Crs = None, connection: "Connection | None" = None) -> str:
    """Return a coordinate reference system as proj4 text, as the FlowDB in use or of a connection knows it.

    Raises
    ------
    ValueError
        If FlowDB does not know it.
    """
    from sqlalchemy.exc import DBAPIError

    from flowmachine.core.context import get_engine

    if crs is None:
        return WGS84_PROJ4
    known = sa.table("spatial_ref_sys", sa.column("srid"), sa.column("proj4text"))
    origin = sql.point(sa.literal(0), sa.literal(0))
    with (connection or get_engine().connection).lookups.connect() as database:
        if isinstance(crs, str):
            try:
                database.execute(sa.select(sa.func.ST_AsText(sa.func.ST_Transform(origin, crs))))
            except DBAPIError:
                raise ValueError(f"{crs!r} is not a proj4 text that FlowDB can read.") from None
            return crs
        found = database.execute(sa.select(known.c.proj4text).where(known.c.srid == crs)).scalar()
    if not found:
        raise ValueError(
            f"{crs!r} is not the EPSG number of a coordinate reference system that FlowDB knows."
        )
    return str(found).strip()


class GeoDataMixin:
    """The part of a query that puts its result on a map.

    A query has a geography if its rows have a geometry, or location columns of a spatial unit that
    has one.
    """

    @property
    def geometry_column(self) -> str | None:
        """The column with the geometry of each row, if it is another than ``geom``."""
        return None

    @property
    def feature_id_column(self) -> str | None:
        """The column that identifies rows on a map; they are numbered otherwise."""
        return None

    def geojson_query(self: "Query", crs: Crs = None) -> str:  # type: ignore[misc]
        """Return the SQL that gives the result as GeoJSON features.

        Its columns are ``type`` (always ``Feature``), ``id``, ``geometry`` and ``properties`` (the
        other columns, and the ``centroid``).

        Parameters
        ----------
        crs : int or str, optional
            EPSG number or proj4 text; WGS 84 by default.

        Raises
        ------
        ValueError
            If FlowDB does not know the coordinate reference system.
        InvalidSpatialUnitError
            If the result has no geography.
        """
        from flowmachine.core.geojson import features
        from flowmachine.core.rows import statement_over

        proj4string(crs)
        return statement_over(self, lambda rows, using: features(self, rows, using, crs))

    def _features(self: "Query", crs: Crs) -> Iterator[str]:  # type: ignore[misc]
        """Yield each feature as text, read from FlowDB in portions."""
        from flowmachine.core.geojson import features
        from flowmachine.core.rows import executed

        proj4string(crs)
        with executed(
            self, lambda rows, using: sql.as_objects(features(self, rows, using, crs)), stream=True
        ) as found:
            yield from found.scalars()

    def _collection(self, crs: Crs) -> Iterator[str]:
        """Yield the pieces of the collection's text."""
        head = json.dumps({"type": "FeatureCollection", "properties": {"crs": proj4string(crs)}})
        yield head[:-1] + ', "features": ['
        separator = ""
        for feature in self._features(crs):  # type: ignore[misc]
            yield separator + feature
            separator = ",\n"
        yield "]}"

    def to_geojson(self, crs: Crs = None) -> dict[str, Any]:
        """Return the result as a GeoJSON feature collection, with its ``crs`` (proj4) as a property.

        Parameters and errors are those of :meth:`geojson_query`. Large results are better written
        with :meth:`to_geojson_file`.
        """
        collection: dict[str, Any] = json.loads(self.to_geojson_string(crs))
        return collection

    def to_geojson_string(self, crs: Crs = None) -> str:
        """Return the text of :meth:`to_geojson`."""
        return "".join(self._collection(crs))

    def to_geojson_file(self, filename: "str | os.PathLike[str]", crs: Crs = None) -> None:
        """Write the text of :meth:`to_geojson` to a file, without ever holding all of it in memory."""
        with Path(filename).open("w", encoding="utf-8") as file:
            file.writelines(self._collection(crs))

    def to_geopandas(self, crs: Crs = None) -> "gpd.GeoDataFrame":
        """Return the result as a frame with geometries.

        Needs GeoPandas, which ``flowmachine[geo]`` installs. Parameters and errors are those of
        :meth:`geojson_query`.
        """
        import geopandas as gpd

        collection = self.to_geojson(crs)
        return gpd.GeoDataFrame.from_features(collection["features"], crs=crs or "EPSG:4326")


class GraphMixin:
    """The part of a query that gives its result as a network, for those whose rows are links."""

    def to_networkx(  # type: ignore[misc]
        self: "Query", source: str | None = None, target: str | None = None, directed_graph: bool = True
    ) -> "nx.Graph[Any]":
        """Return the result as a network of NetworkX.

        Parameters
        ----------
        source, target : str, optional
            The columns that name the two ends of a link; the first two unless both are given. The other
            columns become attributes of the link.
        directed_graph : bool, default True

        Raises
        ------
        ValueError
            If only one of the columns is given, or there is no such column.

        Warns
        -----
        UserWarning
            If a pair of ends has several rows, of which the last is kept.
        """
        import networkx as nx

        from flowmachine.core.deriving import require_columns

        if (source is None) != (target is None):
            raise ValueError("Give both the source and the target column, or neither.")
        ends = (source or self.column_names[0], target or self.column_names[1])
        require_columns(self, *ends)
        frame = self.get_dataframe()
        if frame.duplicated(list(ends)).any():
            warnings.warn(
                "Some pairs of source and target have several rows; the last is kept.", stacklevel=2
            )
        return nx.from_pandas_edgelist(
            frame,
            source=ends[0],
            target=ends[1],
            edge_attr=True if len(frame.columns) > 2 else None,
            create_using=nx.DiGraph if directed_graph else nx.Graph,
        )
