"""Parameters that many query kinds share: how they are written in a specification, and documented."""

import inspect
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, TypeVar

Spec = dict[str, Any]
Date = str | date
Hours = tuple[int, int]

F = TypeVar("F", bound=Callable[..., Any])

DESCRIPTIONS = {
    "connection": "Connection to FlowAPI, as made by `flowclient.connect` or `flowclient.connect_async`.",
    "start_date": "First day, as ``YYYY-MM-DD`` or a date.",
    "end_date": "Day after the last, as ``YYYY-MM-DD`` or a date.",
    "date": "Day, as ``YYYY-MM-DD`` or a date.",
    "aggregation_unit": "Spatial unit: ``admin0`` to ``admin3``, or ``lon-lat``.",
    "event_types": "Types of event to use, of ``calls``, ``sms``, ``mds`` and ``topups``; all by default.",
    "subscriber_subset": "Id of a query whose subscribers are the only ones to use; everyone by default.",
    "mapping_table": "Table that maps cells to the unit, in place of the usual mapping.",
    "geom_table": "Table that holds the unit's geometry, in place of the usual one.",
    "geom_table_join_column": "Column on which the two tables are joined.",
    "hours": "First hour (0 to 23) and hour after the last (0 to 24) of every day to use; all by default.",
    "direction": "``in``, ``out`` or ``both``: which events to use by who was called.",
    "statistic": (
        "``count``, ``sum``, ``avg``, ``max``, ``min``, ``median``, ``mode``, ``stddev`` or ``variance``."
    ),
    "join_type": "``inner``, ``full outer``, ``left``, ``right``, ``left outer`` or ``right outer``.",
    "total_periods": "Number of periods.",
    "period_unit": "``days``, ``hours`` or ``minutes``.",
    "period_length": "Length of a period in its unit.",
    "from_location": "Specification of where subscribers were first.",
    "to_location": "Specification of where subscribers were next.",
    "locations": "Specification of the location of each subscriber.",
    "reference_locations": "Specification of the reference location of each subscriber.",
    "unique_locations": "Specification made by `unique_locations_spec`.",
    "metric": "Specification of a value for each subscriber.",
}


def written_date(value: Date) -> str:
    """Write a date as specifications do; text is left as it is."""
    if isinstance(value, datetime):
        return (value.date() if value.time() == time.min else value).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def written_hours(hours: Hours | None) -> dict[str, int] | None:
    """Write a range of hours as specifications do."""
    return None if hours is None else {"start_hour": hours[0], "end_hour": hours[1]}


def dates(start_date: Date, end_date: Date) -> Spec:
    """Return the fields of a range of days."""
    return {"start_date": written_date(start_date), "end_date": written_date(end_date)}


def events(event_types: list[str] | None, subscriber_subset: str | None, hours: Hours | None) -> Spec:
    """Return the fields that choose events."""
    return {
        "event_types": event_types,
        "subscriber_subset": subscriber_subset,
        "hours": written_hours(hours),
    }


def tables(mapping_table: str | None, geom_table: str | None, geom_table_join_column: str | None) -> Spec:
    """Return the fields that replace the usual mapping of cells to places."""
    return {
        "mapping_table": mapping_table,
        "geom_table": geom_table,
        "geom_table_join_column": geom_table_join_column,
    }


def parameter_section(signature: inspect.Signature, own: dict[str, str]) -> str:
    """Return the section of a docstring that describes the parameters of a function."""
    lines = ["Parameters", "----------"]
    for name, parameter in signature.parameters.items():
        default = (
            "" if parameter.default in (parameter.empty, None) else f" Default: ``{parameter.default!r}``."
        )
        lines += [name, f"    {own.get(name) or DESCRIPTIONS[name]}{default}"]
    return "\n".join(lines)


def describe(**own: str) -> Callable[[F], F]:
    """Add a parameter section to the docstring of a specification function.

    The parameters that most kinds share are described once, here; a function describes its own. The
    descriptions stay on the function, for the query function that is made of it.
    """

    def add(function: F) -> F:
        summary = inspect.cleandoc(function.__doc__ or "")
        function.__doc__ = f"{summary}\n\n{parameter_section(inspect.signature(function), own)}\n"
        function.summary, function.descriptions = summary, own  # type: ignore[attr-defined]
        return function

    return add
