"""Parameters of queries about the network: periods, places, network objects, days that are loaded."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from flowmachine.core import sql
from flowmachine.core.context import get_engine
from flowmachine.core.errors import MissingDateError
from flowmachine.core.facts import read_facts
from flowmachine.core.spatial_unit import (
    AdminSpatialUnit,
    CellSpatialUnit,
    GeomSpatialUnit,
    SpatialUnit,
    require_geography,
)
from flowmachine.core.statistic_types import Statistic
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.events import EventTables, event_tables

PERIODS = ("second", "minute", "hour", "day", "month", "year", "century")
TOTAL_PERIODS = PERIODS[:-1]
WITHIN_A_DAY = frozenset({"second", "minute", "hour"})


def period_of(period: str, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the start of the period, in UTC, that an instant lies in."""
    return sa.func.date_trunc(period, moment, sql.UTC, type_=sa.TIMESTAMP(timezone=True))


def network_object(value: Any) -> SpatialUnit:
    """Return the unit of the network objects to count; None stands for cells."""
    unit = fields.unit_or(value, CellSpatialUnit())
    unit.verify_criterion("is_network_object")
    return unit


def places(value: Any) -> GeomSpatialUnit:
    """Return the unit of the places to count in; None stands for the country."""
    unit = fields.unit_or(value, AdminSpatialUnit(level=0))
    unit.verify_criterion("is_network_object", negate=True)
    return require_geography(unit)


def tables_by_name(value: Any) -> EventTables:
    """Return tables of events, a bare name standing for one of the schema ``events``."""
    if isinstance(value, str) and value.lower() != "all" and value:
        return event_tables(value if "." in value else f"events.{value}")
    return event_tables(value)


def total_by(value: Any) -> str:
    """Return the name of a period in lower case."""
    name = str(value).lower()
    if name not in TOTAL_PERIODS:
        raise ValueError(f"Unknown period {value!r}: expected one of {', '.join(TOTAL_PERIODS)}.")
    return name


def statistic(value: Any) -> Statistic:
    """Return a statistic, given as such or by its name in any case."""
    return Statistic(str(value).lower())


def loaded_days(tables: EventTables) -> list[dt.date]:
    """Look up the days that are loaded of some tables of events, in order."""
    with get_engine().connection.lookups.connect() as connection:
        facts = read_facts(connection, ())
    names = (
        facts.interaction_tables() if tables is None else [name.removeprefix("events.") for name in tables]
    )
    days = sorted({day for name in names for day in facts.available_dates.get(name, ())})
    if not days:
        raise MissingDateError(table=", ".join(f"events.{name}" for name in names))
    return days
