"""Regions as they come from a file: read, named, checked and brought to one form."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from flowdb.errors import FlowDBError

_POLYGONAL = {"Polygon", "MultiPolygon"}


class GeographyError(FlowDBError):
    """The regions of a file cannot be loaded; the text says which ones and why."""


def read_regions(path: Path, layer: str | None = None, crs: str | None = None) -> gpd.GeoDataFrame:
    """Read a GeoPackage, GeoJSON file or shapefile.

    Parameters
    ----------
    path
        The file.
    layer
        The layer of it; the first one unless given.
    crs
        The coordinate system of the file, for a file that does not state it, such as ``EPSG:4326``.

    Raises
    ------
    GeographyError
        If the file cannot be read or does not state its coordinate system.
    """
    if not path.exists():
        raise GeographyError(f"'{path}' does not exist.")
    try:
        frame = gpd.read_file(path, layer=layer)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise GeographyError(f"'{path}' cannot be read: {error}") from None
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        raise GeographyError(f"'{path}' holds no regions.")
    if frame.crs is None:
        if crs is None:
            raise GeographyError(
                f"'{path}' does not state its coordinate system: give it with --crs, for example EPSG:4326."
            )
        frame = frame.set_crs(crs)
    return frame


def regions_of_level(frame: gpd.GeoDataFrame, level: int, fields: dict[str, str]) -> gpd.GeoDataFrame:
    """Return the regions of an admin level with their final columns, checked.

    Parameters
    ----------
    frame
        Regions with a coordinate system.
    level
        The admin level; 0 is the whole country, which must be a single region.
    fields
        Final column to column of `frame`: ``pcod`` and ``name`` of the level itself, ``admin{n}pcod``
        and ``admin{n}name`` of the levels above. What is not named is taken from the column of the
        final name, upper or lower case; without a name the code serves as one.

    Returns
    -------
    GeoDataFrame
        ``admin{level}pcod``, ``admin{level}name``, those of the levels above that are known, and
        valid multipolygons in EPSG:4326.

    Raises
    ------
    GeographyError
        Naming what is missing, doubled or not a region.
    """
    own = f"admin{level}"
    wanted = {f"{own}{name}" if name in ("pcod", "name") else name: fields[name] for name in fields}
    allowed = [f"admin{above}{kind}" for above in range(level + 1) for kind in ("pcod", "name")]
    if unknown := sorted(set(wanted) - set(allowed)):
        raise GeographyError(f"Unknown field {', '.join(unknown)}: level {level} has {', '.join(allowed)}.")
    present = {str(column).lower(): column for column in frame.columns}
    data = {}
    for name in allowed:
        column = wanted.get(name) or present.get(name)
        if name in wanted and column not in frame.columns:
            raise GeographyError(f"There is no column '{column}'; there are: {_listed(frame)}.")
        if column is not None:
            data[name] = texts(frame[column])
    if f"{own}pcod" not in data:
        raise GeographyError(
            "Which column holds the codes of the regions? "
            f"Say it with --field pcod=COLUMN; there are: {_listed(frame)}."
        )
    data.setdefault(f"{own}name", data[f"{own}pcod"])
    _check_codes(data[f"{own}pcod"], level)
    shapes = _multipolygons(frame.to_crs("EPSG:4326").geometry, data[f"{own}pcod"])
    return gpd.GeoDataFrame(pd.DataFrame(data).reset_index(drop=True), geometry=shapes, crs="EPSG:4326")


def _listed(frame: gpd.GeoDataFrame) -> str:
    return ", ".join(str(column) for column in frame.columns if column != frame.geometry.name)


def texts(column: pd.Series) -> pd.Series:
    """Return a column as text: whole numbers that came as floating point ones keep no '.0'."""
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    text = column.astype("string").str.strip()
    return text.mask(text == "")


def _check_codes(codes: pd.Series, level: int) -> None:
    if codes.isna().any():
        rows = ", ".join(str(number + 1) for number in codes.reset_index(drop=True).index[codes.isna()])
        raise GeographyError(f"Regions without a code: row {rows}.")
    if (doubled := codes[codes.duplicated()].unique()).size:
        raise GeographyError(f"Codes that more than one region has: {', '.join(sorted(doubled))}.")
    if level == 0 and len(codes) != 1:
        raise GeographyError(f"Level 0 is the whole country: one region, not {len(codes)}.")


def _multipolygons(shapes: gpd.GeoSeries, codes: pd.Series) -> list[shapely.MultiPolygon]:
    made = []
    for code, shape in zip(codes, shapes, strict=True):
        if shape is None or shape.is_empty or shape.geom_type not in _POLYGONAL:
            kind = "nothing" if shape is None or shape.is_empty else shape.geom_type
            raise GeographyError(f"Region '{code}' is not an area but {kind}.")
        valid = shape if shape.is_valid else shapely.make_valid(shape)
        parts = [part for part in shapely.get_parts(valid) if part.geom_type in _POLYGONAL]
        made.append(shapely.multipolygons([piece for part in parts for piece in shapely.get_parts(part)]))
        west, south, east, north = made[-1].bounds
        if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
            raise GeographyError(f"Region '{code}' lies outside the world: is the coordinate system right?")
    return made
