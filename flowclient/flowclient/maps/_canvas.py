"""The sheet that maps are drawn on: regions to scale, title, legend, scale bar, notes."""

import math
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Curve

from flowclient.maps._map import TIP, Map
from flowclient.maps._style import INK, OUTLINE, QUIET

WIDTH = 11.0  # inches, as all measures here
MARGIN = 0.35
LEGEND = 2.45
TITLE = 0.75
LINE = 0.24
NOTES = 0.3
POINTS_PER_INCH = 72
LOWEST, HIGHEST = 3.2, 9.0
# A border need not be finer than a picture can show.
DETAIL = 1 / 3000


class Canvas:
    """A sheet with the space for regions laid out.

    Parameters
    ----------
    regions
        From `regions_from_geojson`.
    title, subtitle, notes
        Text above and below the map; lines of the last two are separated by line breaks.
    """

    def __init__(self, regions: gpd.GeoDataFrame, title: str, subtitle: str, notes: Sequence[str]) -> None:
        self.regions = regions
        self.title = title
        self._tips: list[str] = []
        west, south, east, north = _widened(*regions.total_bounds)
        width = WIDTH - LEGEND - 3 * MARGIN
        height = min(max(width * (north - south) / (east - west), LOWEST), HIGHEST)
        above = MARGIN + TITLE + LINE * len(subtitle.splitlines())
        below = MARGIN + NOTES * bool(notes) + LINE * len(notes)
        total = above + height + below
        # Inches on the sheet for each metre.
        self._scale: float = min(width / (east - west), height / (north - south))
        self._size = (WIDTH, total)
        self.figure = Figure(figsize=self._size, facecolor="white")
        FigureCanvasAgg(self.figure)
        box = (MARGIN / WIDTH, below / total, width / WIDTH, height / total)
        self.axes = self.figure.add_axes(box)
        self.axes.set_axis_off()
        half_width, half_height = width / self._scale / 2, height / self._scale / 2
        self.axes.set_xlim((west + east) / 2 - half_width, (west + east) / 2 + half_width)
        self.axes.set_ylim((south + north) / 2 - half_height, (south + north) / 2 + half_height)
        self._text(MARGIN, total - MARGIN, title, fontsize=18, fontweight="bold", color=INK)
        self._text(MARGIN, total - MARGIN - 0.42, subtitle, fontsize=11.5, color=QUIET, linespacing=1.4)
        self._text(MARGIN, below - NOTES, "\n".join(notes), fontsize=9, color=QUIET, linespacing=1.5)
        self._scale_bar(WIDTH - MARGIN - LEGEND, below + 0.1)
        self._shapes = regions.geometry.simplify((east - west) * DETAIL).normalize()

    def metres(self, points: float) -> float:
        """Return the length on the ground of a length on the sheet."""
        return points / POINTS_PER_INCH / self._scale

    def _text(self, x: float, y: float, text: str, **look: Any) -> None:
        self.figure.text(x / self._size[0], y / self._size[1], _literal(text), va="top", **look)

    def _scale_bar(self, x: float, y: float) -> None:
        """Draw a bar of a round length of a tenth to a fifth of the sheet's width."""
        longest = WIDTH / 5 / self._scale
        unit = 10 ** math.floor(math.log10(longest))
        length = max(step * unit for step in (1, 2, 5) if step * unit <= longest)
        ends = [x / self._size[0], (x + length * self._scale) / self._size[0]]
        height = y / self._size[1]
        bar = Line2D(ends, [height] * 2, color=INK, linewidth=2, solid_capstyle="butt")
        self.figure.add_artist(bar)
        name = f"{length / 1000:,g} km" if length >= 1000 else f"{length:g} m"
        self._text(x, y + 0.22, name, fontsize=9, color=INK)

    def draw_region(self, code: Any, tip: str, **look: Any) -> None:
        """Draw a region; `tip` is shown where the pointer is over it."""
        self.add(PathPatch(_outline(self._shapes[code]), **look), tip)

    def draw_border(self) -> None:
        """Draw the border of all regions together."""
        self.axes.add_patch(
            PathPatch(_outline(self.regions.union_all()), facecolor="none", edgecolor=OUTLINE, linewidth=0.9)
        )

    def add(self, patch: Any, tip: str) -> None:
        """Draw something; `tip` is shown where the pointer is over it."""
        patch.set_gid(f"{TIP}{len(self._tips)}")
        self._tips.append(tip)
        self.axes.add_patch(patch)

    def legend(self, handles: Sequence[Artist], unit: str, **look: Any) -> None:
        """Say beside the map what its colours or lines mean."""
        legend = self.figure.legend(
            handles=handles,
            title=_literal(_wrapped(unit)),
            loc="upper left",
            bbox_to_anchor=(
                (WIDTH - MARGIN - LEGEND) / WIDTH,
                self.axes.get_position().y1,
            ),
            borderaxespad=0,
            borderpad=0,
            frameon=False,
            fontsize=10,
            title_fontproperties={"size": 10.5, "weight": "bold"},
            labelcolor=INK,
            alignment="left",
            **look,
        )
        legend.get_title().set_color(INK)

    def say(self, text: str) -> None:
        """Write in the middle of the map."""
        self.axes.text(0.5, 0.5, text, transform=self.axes.transAxes, ha="center", color=INK, zorder=9)

    def finished(self) -> Map:
        """Return the map."""
        return Map(self.figure, self.title, self._tips)


def _widened(west: float, south: float, east: float, north: float) -> tuple[float, float, float, float]:
    """Return bounds that leave room for the border's line."""
    room = 0.01 * max(east - west, north - south)
    return west - room, south - room, east + room, north + room


def _outline(shape: Any) -> Curve:
    parts = getattr(shape, "geoms", [shape])
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return Curve.make_compound_path(*(Curve(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings))


def _literal(text: str) -> str:
    """Return text as it is: between two signs of a dollar, matplotlib would read mathematics."""
    return text.replace("$", r"\$")


def _wrapped(text: str, width: int = 26) -> str:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
