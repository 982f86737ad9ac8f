"""Where FlowAPI offers what."""

from datetime import date
from urllib.parse import quote


def _path(*pieces: object) -> str:
    return "/".join(quote(str(piece), safe="") for piece in pieces)


def poll(query_id: str) -> str:
    """Return the route of a query's state."""
    return _path("poll", query_id)


def geography(aggregation_unit: str) -> str:
    """Return the route of the regions of a spatial unit."""
    return _path("geography", aggregation_unit)


def qa_check(event_type: str, check_type: str, event_date: str | date | None = None) -> str:
    """Return the route of the outcomes of a quality check, on one day if it is given."""
    return _path("qa", event_type, check_type, *([] if event_date is None else [event_date]))
