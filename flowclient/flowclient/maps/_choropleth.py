"""A map of one number by region."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib import style
from matplotlib.patches import Patch

from flowclient.maps._canvas import Canvas
from flowclient.maps._map import Map
from flowclient.maps._regions import as_regions
from flowclient.maps._style import BORDER, HATCH, NOT_SHOWN, OUTLINE, SEQUENCE, WITHHELD, number, rounded


# Whatever the notebook made of matplotlib's settings, a map looks the same.
@style.context("default")
def choropleth(
    regions: gpd.GeoDataFrame | Mapping[str, Any],
    values: pd.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    unit: str | None = None,
    column: str = "value",
    per_area: bool = False,
    note: str = "",
) -> Map:
    """Draw a number by region, in classes that hold about as many regions each.

    Regions that have no value are drawn as such, and never as zero: FlowKit withholds what has too few
    subscribers behind it.

    Parameters
    ----------
    regions
        What `flowclient.get_geography` or `regions_from_geojson` returns.
    values
        A result with the column ``pcod``, one row for each region.
    title, subtitle, note
        Text above and below the map.
    unit
        What the numbers are, for the legend; by default the name of the column.
    column
        The column to draw.
    per_area
        Whether to divide by the region's area: a number per 100 km². A count says more that way, since
        large regions have more of everything; averages and shares must not be divided.

    Raises
    ------
    ValueError
        If a column is missing or holds no numbers, or a region has several rows.
    """
    regions = as_regions(regions)
    given = _numbers(values, column)
    elsewhere = int((~given.index.isin(regions.index)).sum())
    found = given.reindex(regions.index)
    drawn = found / regions["area"] if per_area else found
    unit = unit or (f"{column} per 100 km²" if per_area else column)
    known = drawn.dropna()
    bounds = class_breaks(known)
    colours = [SEQUENCE[place] for place in _spread(len(bounds))]
    notes = note.splitlines()
    if elsewhere:
        notes.append(f"{elsewhere} of {len(given)} rows are of regions that this map does not have.")
    canvas = Canvas(regions, title, subtitle, notes)
    for code, value, undivided in zip(regions.index, drawn, found, strict=True):
        name = _name(regions, code)
        if pd.isna(value):
            look = {"facecolor": NOT_SHOWN, "hatch": HATCH}
            tip = f"{name}\n{unit}: {WITHHELD}"
        else:
            look = {"facecolor": colours[int(np.searchsorted(bounds, value))]}
            tip = f"{name}\n{unit}: {number(value)}"
            if per_area:
                tip += f"\n{column}: {number(undivided)}"
        canvas.draw_region(code, tip, edgecolor=BORDER, linewidth=0.6, **look)
    canvas.draw_border()
    canvas.legend(_handles(bounds, colours, withheld=len(known) < len(regions)), unit)
    return canvas.finished()


def class_breaks(values: pd.Series, classes: int = len(SEQUENCE)) -> list[float]:
    """Return rounded upper bounds that put about as many regions into each class.

    Parameters
    ----------
    values
        The numbers to divide; without missing ones.
    classes
        How many classes at most; fewer when rounding makes some of them equal.
    """
    if values.empty:
        return []
    quantiles = np.quantile(values, np.linspace(0, 1, classes + 1)[1:-1])
    bounds = sorted({rounded(float(quantile)) for quantile in quantiles})
    return [*[bound for bound in bounds if values.min() <= bound < values.max()], float(values.max())]


def _numbers(values: pd.DataFrame, column: str) -> "pd.Series[float]":
    """Return the column to draw by region."""
    if values.empty:
        return pd.Series(dtype=float)
    for needed in ("pcod", column):
        if needed not in values:
            raise ValueError(
                f"The data has no column '{needed}', only {', '.join(map(str, values.columns))}."
            )
    twice = values["pcod"][values["pcod"].duplicated()]
    if len(twice):
        raise ValueError(
            f"The region {twice.iloc[0]} has several rows: choose one of each region's, or combine them, "
            "before drawing."
        )
    try:
        numbers = pd.to_numeric(values[column]).astype(float)
    except (ValueError, TypeError) as error:
        raise ValueError(f"The column '{column}' does not hold numbers: {error}") from error
    return pd.Series(numbers.to_numpy(), index=pd.Index(values["pcod"]))


def _name(regions: gpd.GeoDataFrame, code: Any) -> str:
    name = regions.at[code, "name"]
    return str(code) if name == code else f"{name} ({code})"


def _handles(bounds: list[float], colours: list[str], *, withheld: bool) -> list[Patch]:
    labels = [f"{number(low)} to {number(high)}" for low, high in pairwise(bounds)]
    if bounds:
        labels.insert(0, f"up to {number(bounds[0])}")
    handles = [
        Patch(facecolor=colour, edgecolor=OUTLINE, linewidth=0.4, label=label)
        for colour, label in zip(colours, labels, strict=True)
    ]
    if withheld:
        handles.append(Patch(facecolor=NOT_SHOWN, hatch=HATCH, edgecolor="white", label=WITHHELD))
    return handles


def _spread(count: int) -> list[int]:
    """Return which of the colours to use for fewer classes than there are colours."""
    if count == 1:
        return [len(SEQUENCE) // 2]
    return [round(step) for step in np.linspace(0, len(SEQUENCE) - 1, count)]
