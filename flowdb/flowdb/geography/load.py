"""Writing the regions of an admin level to FlowDB."""

from dataclasses import dataclass

import geopandas as gpd
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extras import execute_values
from shapely import to_wkb

from flowdb.results import forget_results


@dataclass(frozen=True)
class Loaded:
    """What a load did: the table, its number of regions, and how many stored results it made void."""

    table: str
    regions: int
    forgotten_results: int


def load_level(connection: Connection, regions: gpd.GeoDataFrame, level: int) -> Loaded:
    """Make or replace ``geography.admin{level}``; all of it happens in the caller's transaction.

    Parameters
    ----------
    connection
        A connection of the superuser.
    regions
        The frame that :func:`flowdb.geography.source.regions_of_level` returns.
    level
        The admin level.
    """
    name = f"admin{level}"
    columns = [column for column in regions.columns if column != regions.geometry.name]
    table = sql.Identifier("geography", name)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relkind = 'v' FROM pg_class WHERE oid = to_regclass(%s)", (f"geography.{name}",)
        )
        if (existing := cursor.fetchone()) is not None:
            kind = sql.SQL("VIEW" if existing[0] else "TABLE")
            cursor.execute(sql.SQL("DROP {} {}").format(kind, table))
        cursor.execute(
            sql.SQL(
                "CREATE TABLE {} (gid serial PRIMARY KEY, {}, geom geometry(MultiPolygon, 4326) NOT NULL)"
            ).format(
                table,
                sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(column)) for column in columns),
            )
        )
        texts = regions[columns].astype(object).where(regions[columns].notna(), None)
        execute_values(
            cursor,
            sql.SQL("INSERT INTO {} ({}, geom) VALUES %s").format(
                table, sql.SQL(", ").join(map(sql.Identifier, columns))
            ),
            [(*row, to_wkb(shape)) for row, shape in zip(texts.to_numpy(), regions.geometry, strict=True)],
            template=sql.SQL("({}, ST_GeomFromWKB(%s, 4326))").format(
                sql.SQL(", ").join(sql.Placeholder() * len(columns))
            ),
        )
        cursor.execute(sql.SQL("ALTER TABLE {} ADD UNIQUE ({})").format(table, sql.Identifier(f"{name}pcod")))
        cursor.execute(
            sql.SQL("CREATE INDEX {} ON {} USING gist (geom)").format(
                sql.Identifier(f"{name}_geom_gist"), table
            )
        )
        cursor.execute(sql.SQL("ANALYZE {}").format(table))
    return Loaded(f"geography.{name}", len(regions), forget_results(connection))
