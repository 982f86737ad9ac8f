"""The query specifications that are timed."""

import json
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

DAYS = 8


def days_from(first: date) -> dict[str, str]:
    """Return the names that templates use for days: ``d1`` is the first, ``d8`` the end of a week."""
    return {f"d{number + 1}": str(first + timedelta(days=number)) for number in range(DAYS)}


def expand(template: Any, days: dict[str, str]) -> Any:
    """Fill a template's ``{d1}`` with a day and ``{daily:d1}`` with the daily location of that day."""
    if isinstance(template, dict):
        return {key: expand(value, days) for key, value in template.items()}
    if isinstance(template, list):
        return [expand(value, days) for value in template]
    if isinstance(template, str) and template.startswith("{daily:"):
        return {
            "query_kind": "daily_location",
            "date": days[template.removeprefix("{daily:").removesuffix("}")],
            "method": "last",
            "event_types": ["calls", "sms"],
            "aggregation_unit": "admin3",
        }
    if isinstance(template, str) and template.startswith("{d"):
        return days[template[1:-1]]
    return template


def timed_specs(first: date) -> dict[str, dict[str, Any]]:
    """Return the specifications for the week that begins with a day, by name."""
    templates = json.loads((files("flowkit_benchmarks") / "specs.json").read_text("utf-8"))
    days = days_from(first)
    return {name: expand(template, days) for name, template in templates.items()}
