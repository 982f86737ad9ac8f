"""A map of who went where."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib import style
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Curve

from flowclient.maps._canvas import Canvas
from flowclient.maps._map import Map
from flowclient.maps._regions import as_regions
from flowclient.maps._style import FLOW, INK, LAND, LAND_BORDER, number, rounded

SHOWN = 60
WIDEST = 6.5
THINNEST = 0.5
BEND = 0.18
SEE_THROUGH = 0.72


def moves(flows: pd.DataFrame, column: str = "value") -> pd.DataFrame:
    """Return the flows between different regions, the largest first."""
    return flows[flows["pcod_from"] != flows["pcod_to"]].sort_values(column, ascending=False, kind="stable")


# Whatever the notebook made of matplotlib's settings, a map looks the same.
@style.context("default")
def flow_map(
    regions: gpd.GeoDataFrame | Mapping[str, Any],
    flows: pd.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    unit: str | None = None,
    column: str = "value",
    largest: int = SHOWN,
    note: str = "",
) -> Map:
    """Draw the largest flows as curved arrows whose width is in proportion to the number.

    An arrow bends to the left of its direction, so that a flow and its return both show. Flows from a
    region to itself are not drawn.

    Parameters
    ----------
    regions
        What `flowclient.get_geography` or `regions_from_geojson` returns.
    flows
        A result with the columns ``pcod_from`` and ``pcod_to``, one row for each pair of regions.
    title, subtitle, note
        Text above and below the map.
    unit
        What the numbers are, for the legend; by default the name of the column.
    column
        The column to draw.
    largest
        How many flows to draw at most.

    Raises
    ------
    ValueError
        If a column is missing, or a pair of regions has several rows.
    """
    regions = as_regions(regions)
    unit = unit or column
    drawn = _drawable(flows, column)
    on_map = drawn["pcod_from"].isin(regions.index) & drawn["pcod_to"].isin(regions.index)
    shown = drawn[on_map].head(largest)
    notes = note.splitlines()
    if len(shown) < on_map.sum():
        notes.append(f"The {len(shown)} largest of {on_map.sum():,} flows between two regions are drawn.")
    if not on_map.all():
        notes.append(f"{(~on_map).sum()} flows are from or to regions that this map does not have.")
    canvas = Canvas(regions, title, subtitle, notes)
    for code, name in regions["name"].items():
        canvas.draw_region(code, str(name), facecolor=LAND, edgecolor=LAND_BORDER, linewidth=0.5)
    canvas.draw_border()
    if shown.empty:
        canvas.say("There is no flow between two regions to show.")
        return canvas.finished()
    points = regions.representative_point()
    top = float(shown[column].max())
    # The largest are drawn first, so that the small ones stay visible on top of them.
    for origin, target, value in zip(shown["pcod_from"], shown["pcod_to"], shown[column], strict=True):
        tip = f"{regions.at[origin, 'name']} → {regions.at[target, 'name']}\n{unit}: {number(value)}"
        ends = [(points[code].x, points[code].y) for code in (origin, target)]
        _draw_arrow(canvas, ends[0], ends[1], _width(value, top), tip)
    touched = points[points.index.isin({*shown["pcod_from"], *shown["pcod_to"]})]
    canvas.axes.scatter(touched.x, touched.y, s=10, color=INK, zorder=6, linewidths=0)
    lines = [
        Line2D([], [], color=FLOW, alpha=SEE_THROUGH, linewidth=_width(step, top), label=number(step))
        for step in _steps(float(shown[column].min()), top)
    ]
    canvas.legend(lines, unit, handlelength=3.2, labelspacing=0.9)
    return canvas.finished()


def _drawable(flows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the flows between two regions that have a number, the largest first."""
    keys = ["pcod_from", "pcod_to"]
    if flows.empty:
        return pd.DataFrame(
            {name: pd.Series(dtype=object) for name in keys} | {column: pd.Series(dtype=float)}
        )
    for needed in (*keys, column):
        if needed not in flows:
            raise ValueError(f"The data has no column '{needed}', only {', '.join(map(str, flows.columns))}.")
    twice = flows[flows.duplicated(keys)]
    if len(twice):
        raise ValueError(
            f"There are several rows from {twice['pcod_from'].iloc[0]} to {twice['pcod_to'].iloc[0]}: choose "
            "one of each pair's, or combine them, before drawing."
        )
    numbers = flows.assign(**{column: pd.to_numeric(flows[column]).astype(float)})
    return moves(numbers[numbers[column] > 0], column)


def _width(value: float, top: float) -> float:
    return max(WIDEST * value / top, THINNEST)


def _draw_arrow(
    canvas: Canvas, start: tuple[float, float], end: tuple[float, float], width: float, tip: str
) -> None:
    """Draw one arrow as one shape, so that it is no darker where line and head meet."""
    origin, target = np.array(start), np.array(end)
    along = target - origin
    left = np.array([-along[1], along[0]])
    control = (origin + target) / 2 + BEND * left
    direction = (target - control) / np.linalg.norm(target - control)
    # The head is part of the length: it ends at the target, and the line ends where the head begins.
    head = min(canvas.metres(3.2 + 1.5 * width), 0.45 * float(np.linalg.norm(along)))
    base = target - direction * head
    begin = (control - origin) / np.linalg.norm(control - origin)
    half = canvas.metres(width) / 2

    def beside(point: Any, way: Any, distance: float) -> Any:
        return point + np.array([-way[1], way[0]]) * distance

    middle = along / np.linalg.norm(along)
    wing = max(head * 0.45, 1.3 * half)
    corners = [
        (beside(origin, begin, half), Curve.MOVETO),
        (beside(control, middle, half), Curve.CURVE3),
        (beside(base, direction, half), Curve.CURVE3),
        (beside(base, direction, wing), Curve.LINETO),
        (target, Curve.LINETO),
        (beside(base, direction, -wing), Curve.LINETO),
        (beside(base, direction, -half), Curve.LINETO),
        (beside(control, middle, -half), Curve.CURVE3),
        (beside(origin, begin, -half), Curve.CURVE3),
        (origin, Curve.CLOSEPOLY),
    ]
    curve = Curve([corner for corner, _ in corners], [code for _, code in corners])
    canvas.add(PathPatch(curve, facecolor=FLOW, edgecolor="none", zorder=4, alpha=SEE_THROUGH), tip)


def _steps(smallest: float, top: float) -> list[float]:
    """Return numbers for the legend: round ones, and the smallest."""
    steps = sorted({smallest, rounded(top / 4), rounded(top / 2), top})
    # Two lines that look the same in the legend would say nothing.
    return [step for step in steps if step == smallest or step >= 1.4 * smallest]
