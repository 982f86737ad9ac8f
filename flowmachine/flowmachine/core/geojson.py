"""Results as GeoJSON: selects whose rows are features (``type``, ``id``, ``geometry``, ``properties``).

They read only stored results and the schema ``geography``, so that the role that serves results can
run them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.facts import Facts
from flowmachine.core.mixins import Crs
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit


def _features(
    rows: FromClause,
    geometry: ColumnElement[Any],
    properties: Mapping[str, ColumnElement[Any]],
    crs: Crs = None,
    id_: ColumnElement[Any] | None = None,
) -> Select[Any]:
    centroid = sa.case((geometry.is_not(None), sql.geojson(sql.centroid(geometry), crs)))
    return sa.select(
        sa.literal("Feature", sa.Text).label("type"),
        (sa.func.row_number().over() if id_ is None else id_).label("id"),
        sql.geojson(geometry, crs).label("geometry"),
        sql.json_object(**{**properties, "centroid": centroid}).label("properties"),
    ).select_from(rows)


def _located(
    rows: FromClause, unit: GeomSpatialUnit, using: Compilation
) -> tuple[FromClause, ColumnElement[Any]]:
    """Return rows that have a unit's location columns with the geometry of each."""
    if unit.has_lon_lat_columns:
        return rows, sql.point(rows.c.lon, rows.c.lat)
    places = unit.geometries(using).subquery("places")
    same = sa.and_(*(rows.c[name] == places.c[name] for name in unit.location_id_columns))
    return rows.outerjoin(places, same), places.c.geom


def result_features(query: Query) -> Select[Any]:
    """Return the stored result of a query as features, one per row, or one per place for flows.

    Raises
    ------
    InvalidSpatialUnitError
        If the result has no geography.
    """
    using = Compilation(Facts(), [query.query_id])
    return features(query, using(query), using)


def features(query: Query, rows: FromClause, using: Compilation, crs: Crs = None) -> Select[Any]:
    """Return rows of a query as features, one per row, or one per place for flows.

    Raises
    ------
    InvalidSpatialUnitError
        If the result has no geography.
    """
    column = query.geometry_column or "geom"
    if column in rows.c:
        id_ = rows.c[query.feature_id_column] if query.feature_id_column else None
        apart = {column, query.feature_id_column}
        shapes = (sql.Geometry, sql.Geography)
        properties = {c.name: c for c in rows.c if c.name not in apart and not isinstance(c.type, shapes)}
        return _features(rows, sa.cast(rows.c[column], sql.Geometry()), properties, crs, id_)
    unit = getattr(query, "spatial_unit", None)
    if not isinstance(unit, GeomSpatialUnit):
        raise InvalidSpatialUnitError("The query result has no geography.")
    if f"{unit.location_id_columns[0]}_from" in rows.c:
        labels = getattr(query, "out_label_columns", ())
        return _flow_features(rows, labels, unit, using, crs)
    source, geometry = _located(rows, unit, using)
    return _features(source, geometry, {column.name: column for column in rows.c}, crs)


def _flow_features(
    rows: FromClause, labels: Sequence[str], unit: GeomSpatialUnit, using: Compilation, crs: Crs
) -> Select[Any]:
    """Return one feature per place, with the flows that leave it and arrive there by the other place.

    Flows with labels are nested: label by label, then by the other place. A missing label is ``null``;
    what has no other place is left out.
    """
    names = unit.location_id_columns

    def side(which: str, other: str) -> Select[Any]:
        places = [rows.c[f"{name}_{which}"].label(name) for name in names]
        others = [sa.cast(rows.c[f"{name}_{other}"], sa.Text) for name in names]
        partner = others[0] if len(others) == 1 else sa.func.concat_ws(",", *others)
        return sa.select(
            *places,
            *(sa.func.coalesce(sa.cast(rows.c[name], sa.Text), "null").label(name) for name in labels),
            partner.label("partner"),
            others[0].is_not(None).label("known"),
            sa.literal(which, sa.Text).label("side"),
            rows.c.value,
        )

    grouped = sa.union_all(side("from", "to"), side("to", "from")).subquery("sides")
    *outer, innermost = *labels, "partner"
    for inner in reversed(outer):
        kept = [grouped.c[name] for name in (*names, "side", "known", *outer[: outer.index(inner) + 1])]
        objects = sql.json_map(grouped.c[innermost], grouped.c.value, grouped.c.known)
        grouped = sa.select(*kept, objects.label("value")).group_by(*kept).subquery(f"by_{inner}")
        innermost = inner
    places = [grouped.c[name] for name in names]

    def flows(which: str) -> ColumnElement[Any]:
        return sql.json_map(
            grouped.c[innermost], grouped.c.value, grouped.c.known & (grouped.c.side == which)
        )

    per_place = (
        sa.select(*places, flows("from").label("outflows"), flows("to").label("inflows"))
        .where(*(place.is_not(None) for place in places))
        .group_by(*places)
        .subquery("flows")
    )
    source, geometry = _located(per_place, unit, using)
    return _features(source, geometry, {column.name: column for column in per_place.c}, crs)


def geography_features(unit: GeomSpatialUnit) -> Select[Any]:
    """Return the places of a unit as features; a unit of positions must be stored."""
    places = unit.described(Compilation(Facts(), [unit.query_id])).subquery("places")
    return _features(places, places.c.geom, {c.name: c for c in places.c if c.name != "geom"})
