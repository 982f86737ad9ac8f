"""What the maps have in common: colours, type, title, notes, scale."""

import math

import geopandas as gpd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK = "#1d2730"
QUIET = "#5b6770"
LAND = "#eef0f1"
BORDER = "#ffffff"
OUTLINE = "#8a949c"
# Light to dark, told apart by lightness alone: it survives colour blindness and a black-and-white printer.
# The steps are those of ColorBrewer's YlGnBu.
SEQUENCE = ("#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#1b3f8b")
FLOW = "#b5442a"
NOT_SHOWN = "#d9dcde"
REDACTION_NOTE = "Regions and flows with 15 or fewer subscribers are not shown."
SOURCE = (
    "Source: synthetic call detail records made by FlowKit; outline of Nepal: Natural Earth (public domain)."
)
DOTS_PER_INCH = 170


def map_figure(regions: gpd.GeoDataFrame, title: str, subtitle: str) -> tuple[Figure, Axes]:
    """Return a figure whose one axes holds the regions to scale, with title, notes and a scale bar."""
    west, south, east, north = regions.total_bounds
    ratio = (north - south) / (east - west)
    width = 11.0
    height = min(max(width * 0.9 * ratio + 2.6, 6.0), 12.0)
    figure = Figure(figsize=(width, height), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.03, 0.11, 0.94, 0.75))
    axes.set_aspect("equal")
    axes.set_axis_off()
    margin = 0.03 * (east - west)
    axes.set_xlim(west - margin, east + margin)
    axes.set_ylim(south - margin, north + margin)
    figure.text(0.03, 0.955, title, fontsize=18, fontweight="bold", color=INK, va="top")
    figure.text(0.03, 0.905, subtitle, fontsize=11.5, color=QUIET, va="top")
    figure.text(0.03, 0.055, REDACTION_NOTE, fontsize=9, color=QUIET)
    figure.text(0.03, 0.027, SOURCE, fontsize=9, color=QUIET)
    _scale_bar(axes, east - west)
    return figure, axes


def _scale_bar(axes: Axes, extent: float) -> None:
    """Draw a bar of a round length, about a sixth of the map, in the lower left."""
    rough = extent / 6
    unit = 10 ** math.floor(math.log10(rough))
    length = max(step * unit for step in (1, 2, 5) if step * unit <= rough)
    left, low = axes.get_xlim()[0] + 0.03 * extent, axes.get_ylim()[0]
    y = low + 0.02 * extent
    axes.plot([left, left + length], [y, y], color=INK, linewidth=2, solid_capstyle="butt")
    axes.text(
        left + length / 2, y + 0.008 * extent, f"{length / 1000:,.0f} km", ha="center", fontsize=9, color=INK
    )
