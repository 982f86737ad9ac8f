"""Labels of scores: areas in the plane of hour scores (x) and weekday scores (y), each with a name."""

import itertools
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

UNKNOWN = "unknown"
"""The label of scores that lie in no area."""


def _box(hours: tuple[float, float], weekdays: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    (left, right), (low, high) = hours, weekdays
    return ((left, low), (left, high), (right, high), (right, low), (left, low))


DEFAULT_LABELS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "evening": {
            "type": "MultiPolygon",
            "coordinates": [[_box((1e-6, 1), (0.5, 1))], [_box((1e-6, 1), (-1, -0.5))]],
        },
        "day": {"type": "Polygon", "coordinates": [_box((-1, 0), (-0.5, 0.5))]},
    }
)


def score_labels(value: Any) -> Mapping[str, str]:
    """Return labels with their areas as GeoJSON text, each area in one spelling.

    Parameters
    ----------
    value : mapping of str to mapping
        Names and their GeoJSON polygons or multipolygons; text of GeoJSON is read too.

    Raises
    ------
    ValueError
        For anything but valid polygons, areas that overlap or touch each other, no label at all, and a
        label called ``unknown``.
    """
    if not isinstance(value, Mapping) or not value:
        raise ValueError("Labels are names with their areas as GeoJSON, at least one.")
    if UNKNOWN in value:
        raise ValueError(f"'{UNKNOWN}' is the label of what lies in no area; choose another name.")
    areas = {str(label): _area(str(label), shape) for label, shape in sorted(value.items())}
    for (one, first), (other, second) in itertools.combinations(areas.items(), 2):
        if first.intersects(second):
            raise ValueError(f"The areas of the labels {one!r} and {other!r} overlap or touch each other.")
    return MappingProxyType({label: _text(area) for label, area in areas.items()})


def _area(label: str, described: Any) -> Any:
    # Here, because only labels need it and its import takes long.
    import shapely
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    try:
        given = json.loads(described) if isinstance(described, str) else described
        area = shape(given)
        sound = area.geom_type in ("Polygon", "MultiPolygon") and not area.is_empty and area.is_valid
    except (ShapelyError, AttributeError, KeyError, TypeError, ValueError, IndexError):
        sound = False
    if not sound:
        raise ValueError(f"The label {label!r} needs a valid polygon or multipolygon as GeoJSON.")
    return shapely.normalize(shapely.force_2d(area))


def _text(area: Any) -> str:
    from shapely.geometry import mapping

    return json.dumps(mapping(area), separators=(",", ":"), sort_keys=True)
