"""From a query to a map, as steps; `flowclient.maps` is loaded when one is drawn."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flowclient._formats import require
from flowclient._steps import Steps

if TYPE_CHECKING:
    from flowclient.maps import Map

POINTS = "lon-lat"


# What says something of subscribers, and nothing of the places that a result is about.
NOT_PLACES = frozenset({"metric", "labels"})


def _units(spec: Any) -> set[str]:
    """Return the spatial units that a specification names, at any depth."""
    if isinstance(spec, Mapping):
        own = {spec["aggregation_unit"]} if isinstance(spec.get("aggregation_unit"), str) else set()
        return own.union(*(_units(value) for name, value in spec.items() if name not in NOT_PLACES))
    return set().union(*(_units(value) for value in spec)) if isinstance(spec, list) else set()


def _unit_of_regions(parameters: Mapping[str, Any]) -> str:
    """Return the spatial unit of a query's regions, if a map can be drawn of them."""
    own = parameters.get("aggregation_unit")
    units = {own} if isinstance(own, str) else _units(parameters)
    if len(units) != 1 or POINTS in units:
        found = ", ".join(sorted(units)) or "none"
        raise ValueError(
            f"A map needs a query of one spatial unit that has regions, such as admin3; this one's: {found}. "
            "The functions of flowclient.maps draw any data frame with the column pcod."
        )
    return units.pop()


def plot(
    parameters: Mapping[str, Any],
    fetch_result: Callable[[], Any],
    fetch_geography: Callable[[str], Any],
    *,
    title: str | None,
    **options: Any,
) -> "Steps[Map]":
    """Fetch a result and its regions, and draw them.

    Raises
    ------
    ValueError
        If the query has no regions, or none that can be told from its specification.
    ImportError
        If a library is missing.
    """
    for library in ("geopandas", "matplotlib"):
        require(library, "maps", "Drawing a map")
    unit = _unit_of_regions(parameters)
    from flowclient.maps._draw import draw

    title = title or str(parameters.get("query_kind", "result")).replace("_", " ").capitalize()
    result = yield fetch_result()
    geography = yield fetch_geography(unit)
    # Not beside other work: matplotlib's settings, which drawing changes for its time, are everybody's.
    return draw(geography, result, title=title, **options)
