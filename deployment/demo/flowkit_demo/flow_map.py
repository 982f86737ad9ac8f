"""A map of who went where."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path as Curve

from flowkit_demo import style

SHOWN = 60
WIDEST = 6.5
THINNEST = 0.5
BEND = 0.18


def moves(flows: pd.DataFrame) -> pd.DataFrame:
    """Return the flows between different regions, the largest first."""
    return flows[flows["pcod_from"] != flows["pcod_to"]].sort_values("value", ascending=False, kind="stable")


def share_that_stayed(flows: pd.DataFrame) -> float:
    """Return the share of subscribers in the released flows whose region is the same on both days."""
    total = flows["value"].sum()
    return float(flows.loc[flows["pcod_from"] == flows["pcod_to"], "value"].sum() / total) if total else 0.0


def draw_flows(
    regions: gpd.GeoDataFrame,
    flows: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    file: Path,
    dots_per_inch: int = style.DOTS_PER_INCH,
) -> Path:
    """Draw the largest flows as curved arrows whose width is in proportion to the number of subscribers.

    Parameters
    ----------
    regions
        From :func:`flowkit_demo.places.regions_from_geojson`.
    flows
        Columns ``pcod_from``, ``pcod_to`` and ``value`` (subscribers).
    title, subtitle
        Text above the map.
    file
        The PNG to write.
    dots_per_inch
        Its resolution; the picture is 11 inches wide.
    """
    figure, axes = style.map_figure(regions, title, subtitle)
    regions.plot(ax=axes, color=style.LAND, edgecolor="#c9ced2", linewidth=0.5)
    gpd.GeoSeries([regions.union_all()], crs=regions.crs).boundary.plot(
        ax=axes, color=style.OUTLINE, linewidth=0.9
    )
    points = regions.representative_point()
    shown = moves(flows)
    shown = shown[shown["pcod_from"].isin(regions.index) & shown["pcod_to"].isin(regions.index)].head(SHOWN)
    largest = float(shown["value"].max()) if len(shown) else 1.0
    # The largest are drawn first, so that the small ones stay visible on top of them.
    for origin, target, value in zip(shown["pcod_from"], shown["pcod_to"], shown["value"], strict=True):
        start, end = points[origin], points[target]
        _arrow(axes, (start.x, start.y), (end.x, end.y), width=_width(float(value), largest))
    touched = points[points.index.isin({*shown["pcod_from"], *shown["pcod_to"]})]
    axes.scatter(touched.x, touched.y, s=10, color=style.INK, zorder=6, linewidths=0)
    if len(shown):
        _legend(axes, shown["value"], largest)
    else:
        axes.text(
            *(0.5, 0.5, "No flow between two regions has more than 15 subscribers."),
            transform=axes.transAxes,
            ha="center",
            color=style.QUIET,
        )
    figure.savefig(file, dpi=dots_per_inch)
    return file


def _width(value: float, largest: float) -> float:
    return max(WIDEST * value / largest, THINNEST)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], *, width: float) -> None:
    """Draw one curve that bends to the left of its direction: a flow and its return both show."""
    origin, target = np.array(start), np.array(end)
    along = target - origin
    left = np.array([-along[1], along[0]])
    control = (origin + target) / 2 + BEND * left
    per_point = (axes.get_xlim()[1] - axes.get_xlim()[0]) / (axes.get_window_extent().width / 100 * 72)
    # The head is part of the length: it ends at the target, and the line ends where the head begins.
    direction = (target - control) / np.linalg.norm(target - control)
    head = (3.2 + 1.5 * width) * per_point
    head = min(head, 0.45 * float(np.linalg.norm(along)))
    base = target - direction * head
    curve = Curve([origin, control, base], [Curve.MOVETO, Curve.CURVE3, Curve.CURVE3])
    common = {"zorder": 4, "alpha": 0.72}
    axes.add_patch(
        PathPatch(curve, facecolor="none", edgecolor=style.FLOW, linewidth=width, capstyle="butt", **common)
    )
    across = np.array([-direction[1], direction[0]]) * head * 0.45
    corners = [target, base + across, base - across]
    axes.add_patch(Polygon(corners, closed=True, facecolor=style.FLOW, edgecolor="none", **common))


def _legend(axes: Axes, values: pd.Series, largest: float) -> None:
    smallest = int(values.min())
    steps = sorted({smallest, *(_nice(share * largest) for share in (1.0, 0.5, 0.25))})
    # Two lines that look the same in the legend would say nothing.
    steps = [step for step in steps if step == smallest or step >= 1.4 * smallest]
    handles = [
        Line2D([], [], color=style.FLOW, alpha=0.72, linewidth=_width(step, largest), label=f"{step:,}")
        for step in steps
    ]
    legend = axes.legend(
        handles=handles,
        title="Subscribers",
        loc="upper right",
        frameon=False,
        fontsize=10,
        title_fontsize=10.5,
        labelcolor=style.INK,
        handlelength=3.2,
        labelspacing=0.9,
        alignment="left",
    )
    legend.get_title().set_fontweight("bold")


def _nice(value: float) -> int:
    """Return a round number not above the given one."""
    unit = 10 ** max(int(np.floor(np.log10(max(value, 1)))) - 1, 0)
    return int(value // unit * unit)
