"""Parts of example specs."""

from typing import Any

Spec = dict[str, Any]


def daily_location(day: int = 1, unit: str = "admin3", method: str = "last", **more: Any) -> Spec:
    return {
        "query_kind": "daily_location",
        "date": f"2016-01-0{day}",
        "aggregation_unit": unit,
        "method": method,
        **more,
    }


def modal_location(*days: int, **more: Any) -> Spec:
    return {"query_kind": "modal_location", "locations": [daily_location(day, **more) for day in days]}


WINDOW = {"start_date": "2016-01-01", "end_date": "2016-01-03"}
