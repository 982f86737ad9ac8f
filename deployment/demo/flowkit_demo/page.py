"""One page with everything on it, which needs no internet."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from jinja2 import Environment, StrictUndefined
from shapely.geometry import MultiPolygon, Polygon

from flowclient.maps import SEQUENCE, Map
from flowkit_demo.places import REDACTION_NOTE, SOURCE, share_that_stayed, with_names
from flowkit_demo.worked_example import Answers

WIDTH = 1000
HEAD = 10


@dataclass(frozen=True)
class _Plane:
    """From metres on the map to units of the drawing."""

    west: float
    north: float
    scale: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        return round((x - self.west) * self.scale, 1), round((self.north - y) * self.scale, 1)

    def outline(self, shape: Polygon | MultiPolygon) -> str:
        parts = shape.geoms if isinstance(shape, MultiPolygon) else [shape]
        rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
        return "".join(
            "M" + "L".join(f"{x:g} {y:g}" for x, y in (self.point(*pair[:2]) for pair in ring.coords)) + "Z"
            for ring in rings
        )


def drawing(regions: gpd.GeoDataFrame, answers: Answers) -> dict[str, Any]:
    """Return what the page's script draws: outlines and numbers of every region, flows, hours."""
    west, south, east, north = regions.total_bounds
    plane = _Plane(west, north, WIDTH / (east - west))
    points = regions.representative_point()
    # A region's border need not be finer than the drawing can show.
    outlines = regions.geometry.simplify(0.6 / plane.scale)
    hours: dict[str, list[int | None]] = {pcod: [None] * 24 for pcod in regions.index}
    events = answers.events
    for pcod, hour, value in zip(events["pcod"], events["hour"], events["value"], strict=True):
        if pcod in hours:
            hours[pcod][int(hour)] = int(value)
    residents = answers.residents.set_index("pcod")["value"]
    visitors = answers.visitors.set_index("pcod")["value"]
    return {
        "width": WIDTH,
        "height": round((north - south) * plane.scale),
        "colours": list(SEQUENCE),
        "regions": [
            {
                "pcod": pcod,
                "name": regions.at[pcod, "name"],
                "outline": plane.outline(outlines[pcod]),
                "point": plane.point(points[pcod].x, points[pcod].y),
                "area": round(float(regions.at[pcod, "area"]), 3),
                "residents": _whole(residents.get(pcod)),
                "visitors": _whole(visitors.get(pcod)),
                "hours": hours[pcod],
            }
            for pcod in regions.index
        ],
        "flows": answers.flows[["pcod_from", "pcod_to", "value"]].to_numpy().tolist(),
    }


def _whole(value: float | None) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def write_page(regions: gpd.GeoDataFrame, answers: Answers, *, maps: Sequence[Map], file: Path) -> Path:
    """Write the page.

    Parameters
    ----------
    regions
        From :func:`flowclient.maps.regions_from_geojson`.
    answers
        What FlowKit answered.
    maps
        Maps that become part of the page.
    file
        The HTML file to write.
    """
    tables = {
        "Subscribers by daily location": answers.residents,
        "Flows between the two days": answers.flows,
        "Different subscribers seen": answers.visitors,
        "Calls and messages by hour": answers.events,
    }
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string((files("flowkit_demo") / "page.html.j2").read_text("utf-8"))
    file.write_text(
        template.render(
            answers=answers,
            drawing=drawing(regions, answers),
            maps=[drawn.svg() for drawn in maps],
            stayed=round(100 * share_that_stayed(answers.flows)),
            tables={
                title: (list(frame.columns), frame.head(HEAD).to_numpy().tolist(), len(frame))
                for title, frame in ((title, with_names(found, regions)) for title, found in tables.items())
            },
            note=REDACTION_NOTE,
            source=SOURCE,
        ),
        encoding="utf-8",
    )
    return file
