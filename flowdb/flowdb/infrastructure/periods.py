"""Cells and sites of a file: each row is a period in which one stood in one place."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from flowdb.infrastructure.source import (
    PARSERS,
    InfrastructureError,
    Table,
    Value,
    parse_column,
    parse_count,
    parse_date,
    parse_number,
    parse_text,
    refuse,
)

_ONE_DAY = timedelta(days=1)
OWN_COLUMNS = (
    "id",
    "version",
    "date_of_first_service",
    "date_of_last_service",
    "latitude",
    "longitude",
)
"""The columns that say which period of which cell a row is, and where it stood."""


@dataclass
class Period:
    """A row of the file.

    Attributes
    ----------
    line
        Where in the file it is.
    id, version
        Which cell or site, and which of its periods; None if the file does not number them.
    first, last
        Its days of service; None if they are open.
    longitude, latitude
        Degrees.
    attributes
        The values of the further columns.
    place, is_last
        The position among the file's periods of the same id.
    """

    line: int
    id: str
    version: int | None
    first: date | None
    last: date | None
    longitude: float
    latitude: float
    attributes: list[Value] = field(default_factory=list)
    place: int = 0
    is_last: bool = True


@dataclass(frozen=True)
class Periods:
    """All periods of a file, and the names of their further columns."""

    table: Table
    rows: list[Period]
    attributes: list[str]
    ignored: list[str]


def read_periods(table: Table, fields: dict[str, str], types: dict[str, str]) -> Periods:
    """Read, check and order the rows of a file of cells or sites.

    Parameters
    ----------
    table
        The file.
    fields
        Final column to column of the file, where the names differ.
    types
        The further columns that the database has, and their types.

    Raises
    ------
    InfrastructureError
        Naming the line that cannot be right.
    """
    if unknown := sorted(fields.keys() - types.keys() - set(OWN_COLUMNS)):
        known = ", ".join([*OWN_COLUMNS, *types])
        raise InfrastructureError(f"Unknown field '{unknown[0]}': there are {known}.")
    named = {name: table.required(name, fields) for name in ("id", "latitude", "longitude")}
    named |= {
        name: column for name in (*OWN_COLUMNS, *types) if (column := table.column(name, fields)) is not None
    }
    ids = parse_column(table, named["id"], parse_text, needed=True)
    latitudes = parse_column(table, named["latitude"], _degrees(90, "latitude"), needed=True)
    longitudes = parse_column(table, named["longitude"], _degrees(180, "longitude"), needed=True)
    nothing: list[Value] = [None] * len(ids)
    versions = parse_column(table, named["version"], parse_count, True) if "version" in named else nothing
    days = [
        parse_column(table, named[name], parse_date) if name in named else nothing
        for name in ("date_of_first_service", "date_of_last_service")
    ]
    attributes = [name for name in types if name in named]
    further = [parse_column(table, named[name], PARSERS[types[name]]) for name in attributes]
    own: list[list[Any]] = [ids, versions, *days, longitudes, latitudes]
    rows = [
        Period(line, name, version, first, last, longitude, latitude, [column[at] for column in further])
        for at, (line, name, version, first, last, longitude, latitude) in enumerate(
            zip(table.lines, *own, strict=True)
        )
    ]
    _order(table, rows)
    ignored = [column for column in table.columns if column not in named.values()]
    return Periods(table, rows, attributes, ignored)


def _degrees(most: int, name: str) -> Callable[[str], float]:
    def parse(text: str) -> float:
        number = parse_number(text)
        if abs(number) > most:
            swapped = ": are latitude and longitude swapped?" if abs(number) <= 180 else ""
            raise ValueError(f"is no {name}: it lies between -{most} and {most}{swapped}")
        return float(number)

    return parse


def _order(table: Table, rows: list[Period]) -> None:
    """Put the periods of each id in order and close each that another follows."""
    of_id: dict[str, list[Period]] = {}
    for row in rows:
        of_id.setdefault(row.id, []).append(row)
    problems: list[str] = []
    for periods in of_id.values():
        periods.sort(key=_order_of)
        for place, period in enumerate(periods):
            period.place, period.is_last = place, place == len(periods) - 1
        for earlier, later in pairwise(periods):
            problem = _conflict(table, earlier, later)
            if problem is not None:
                problems.append(problem)
            elif earlier.last is None and later.first is not None:
                earlier.last = later.first - _ONE_DAY
        problems += [
            f"{table.unit} {period.line}: '{period.id}' ends on {period.last}, "
            f"before its first day, {period.first}"
            for period in periods
            if period.first is not None and period.last is not None and period.last < period.first
        ]
    refuse(table, problems)


def _order_of(period: Period) -> tuple[float, date, int]:
    number = -math.inf if period.version is None else period.version
    return number, period.first or date.min, period.line


def _conflict(table: Table, earlier: Period, later: Period) -> str | None:
    """Say why two periods of one cell cannot both be, or None."""
    where = f"{table.unit} {later.line}: '{later.id}'"
    also = f"{table.unit} {earlier.line}"
    if earlier.version is not None and earlier.version == later.version:
        return f"{where} has version {later.version} a second time (first on {also})"
    if later.first is None or (earlier.first is not None and later.first <= earlier.first):
        if earlier.version is None:
            return (
                f"{where} is there a second time (first on {also}): "
                "several periods of one id need a version or a later date_of_first_service each"
            )
        return (
            f"{where} must begin after version {earlier.version} (on {also}): give its date_of_first_service"
        )
    if earlier.last is not None and earlier.last >= later.first:
        return (
            f"{where} begins on {later.first}, but the period before it (on {also}) ends on {earlier.last}: "
            "days of service are inclusive, and a day in two periods would count its events twice"
        )
    return None
