"""Reading events: one window of time, over one or more tables, for some subscribers."""

import datetime as dt
import warnings
from collections.abc import Iterable
from typing import Any, Literal, Protocol, TypeAlias

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import check_window, days_in_window, parse_date
from flowmachine.core.errors import MissingColumnsError, MissingDateError, date_span
from flowmachine.core.facts import Facts
from flowmachine.core.subset import SubscriberSubset, restrict
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.hours import Hours, in_hours

SubscriberIdentifier = Literal["msisdn", "imei", "imsi"]
SUBSCRIBER_IDENTIFIERS: tuple[SubscriberIdentifier, ...] = ("msisdn", "imei", "imsi")
EventTables: TypeAlias = "tuple[str, ...] | None"

COLUMN_TYPES: dict[str, Any] = {
    "id": sa.Text,
    "msisdn": sa.Text,
    "msisdn_counterpart": sa.Text,
    "imei": sa.Text,
    "imsi": sa.Text,
    "tac": sa.Numeric,
    "datetime": sa.TIMESTAMP(timezone=True),
    "location_id": sa.Text,
    "outgoing": sa.Boolean,
    "network": sa.Text,
    "operator_code": sa.Numeric,
    "country_code": sa.Numeric,
    "duration": sa.Numeric,
    "type": sa.Text,
    **dict.fromkeys(("volume_total", "volume_upload", "volume_download"), sa.Numeric),
    **dict.fromkeys(("recharge_amount", "airtime_fee", "tax_and_fee"), sa.Numeric),
    **dict.fromkeys(("pre_event_balance", "post_event_balance"), sa.Numeric),
}
"""Types of the columns of events."""

_OF_ALL = ("id", "datetime", "msisdn", "location_id", "imsi", "imei", "tac", "operator_code", "country_code")
_OF_TWO_PARTIES = (*_OF_ALL, "outgoing", "network", "msisdn_counterpart")
TABLE_COLUMNS: dict[str, frozenset[str]] = {
    "calls": frozenset((*_OF_TWO_PARTIES, "duration")),
    "forwards": frozenset(_OF_TWO_PARTIES),
    "sms": frozenset(_OF_TWO_PARTIES),
    "mds": frozenset((*_OF_ALL, "duration", "volume_total", "volume_upload", "volume_download")),
    "topups": frozenset(
        (
            *_OF_ALL,
            *("type", "recharge_amount", "airtime_fee", "tax_and_fee"),
            *("pre_event_balance", "post_event_balance"),
        )
    ),
}
"""The columns of FlowDB's tables of events; those of a table of another name are not known."""


def event_tables(value: Any) -> EventTables:
    """Normalise the tables of events to read.

    Parameters
    ----------
    value : None, "all", str, or iterable of str
        Names such as ``"events.calls"``; their order and repetitions do not matter. None or
        ``"all"``: every table of interactions between two subscribers that FlowDB holds (usually
        calls and sms).

    Raises
    ------
    ValueError
        For an empty list, or names outside the schema ``events``.
    """
    if value is None or (isinstance(value, str) and value.lower() == "all"):
        return None
    names = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Iterable) else ()
    if not names:
        raise ValueError("Empty tables list.")
    for name in names:
        if not (isinstance(name, str) and name.startswith("events.") and name.count(".") == 1):
            raise ValueError(f"A table of events has a name like 'events.calls', not {name!r}.")
    return tuple(sorted(set(names)))


class EventQuery(Protocol):
    """The parameters that queries over events have in common."""

    @property
    def start(self) -> str:
        """Start of the window."""

    @property
    def stop(self) -> str:
        """End of the window, not included."""

    @property
    def table(self) -> EventTables:
        """Tables of events to read."""

    @property
    def hours(self) -> Hours:
        """Hours of the day."""

    @property
    def subscriber_identifier(self) -> str:
        """Column that identifies subscribers."""

    @property
    def subscriber_subset(self) -> SubscriberSubset:
        """Subscribers that the query is about."""


def _names(query: EventQuery, facts: Facts) -> tuple[str, ...]:
    """Return the short names of the tables a query reads: those with data, if any has data."""
    if query.table is None:
        return facts.interaction_tables()
    names = tuple(name.removeprefix("events.") for name in query.table)
    return tuple(name for name in names if facts.available_dates.get(name)) or names


def has_all_events(query: EventQuery, facts: Facts) -> bool:
    """Tell whether the days of a query's window have been loaded into each of its tables."""
    wanted = set(days_in_window(query.start, query.stop))
    return all(wanted <= facts.available_dates.get(name, frozenset()) for name in _names(query, facts))


def check_columns(names: Iterable[str], *columns: str) -> None:
    """Raise unless tables of events have the columns.

    Raises
    ------
    MissingColumnsError
        Naming the tables and the columns that one of them lacks.
    """
    missing = {name: set(columns) - TABLE_COLUMNS.get(name, frozenset(columns)) for name in names}
    if any(missing.values()):
        lacking = [f"events.{name}" for name, lacks in missing.items() if lacks]
        raise MissingColumnsError(lacking, sorted(set().union(*missing.values())))


def check_events(
    query: EventQuery, facts: Facts, direction: Direction = Direction.BOTH, columns: Iterable[str] = ()
) -> None:
    """Raise if FlowDB holds nothing for a query's window; warn if it holds only some of its days.

    Parameters
    ----------
    query : EventQuery
    facts : Facts
    direction : Direction
    columns : iterable of str
        Columns of events that the query needs, beside those that all have.

    Raises
    ------
    ValueError
        If the window is empty.
    MissingColumnsError
        If the events lack a column, such as a direction.
    MissingDateError
        If none of the days has been loaded.
    """
    check_window(query.start, query.stop)
    names = _names(query, facts)
    check_columns(names, *columns, *(() if direction is Direction.BOTH else ("outgoing",)))
    wanted = set(days_in_window(query.start, query.stop))
    loaded = {name: facts.available_dates.get(name, frozenset()) for name in names}
    if not any(days & wanted for days in loaded.values()):
        raise MissingDateError(query.start, query.stop, ", ".join(f"events.{name}" for name in names))
    for name, days in loaded.items():
        if missing := wanted - days:
            warnings.warn(
                f"events.{name}: {len(missing)} of {len(wanted)} calendar dates missing. {date_span(days)}.",
                stacklevel=2,
            )


def select_events(
    query: EventQuery,
    using: Compilation,
    start: dt.datetime,
    stop: dt.datetime,
    *columns: str,
    direction: Direction = Direction.BOTH,
    located: bool = True,
) -> Select[Any]:
    """Select a query's events in ``[start, stop)``, all tables stacked.

    Parameters
    ----------
    start, stop : datetime.datetime
        The query's window or a part of it.
    columns : str
        Columns of the events beside ``subscriber``.
    direction : Direction
    located : bool, default True
        Leave out events without a location.
    """
    needed = dict.fromkeys((query.subscriber_identifier, "datetime", "location_id", "outgoing", *columns))
    selects = []
    for name in _names(query, using.facts):
        table = sql.qualified_table(f"events.{name}", *(sa.column(c, COLUMN_TYPES[c]) for c in needed))
        subscriber = table.c[query.subscriber_identifier]
        conditions: list[ColumnElement[bool]] = [
            table.c.datetime >= sql.instant(start),
            table.c.datetime < sql.instant(stop),
            *in_hours(query.hours, table.c.datetime),
            *direction.condition(table.c.outgoing),
            *restrict(query.subscriber_subset, subscriber, using),
        ]
        if query.subscriber_identifier != "msisdn":  # the msisdn is never null
            conditions.append(subscriber.is_not(None))
        if located:
            # Null fails the comparison too.
            conditions.append(table.c.location_id != sa.literal("", sa.Text))
        selects.append(
            sa.select(subscriber.label("subscriber"), *(table.c[c] for c in columns)).where(*conditions)
        )
    if len(selects) == 1:
        return selects[0]
    stacked = sa.union_all(*selects).subquery("events")
    return sa.select(*stacked.c)


def select_window(
    query: EventQuery,
    using: Compilation,
    *columns: str,
    direction: Direction = Direction.BOTH,
    located: bool = False,
) -> Select[Any]:
    """Select the events of a query's whole window; see :func:`select_events`."""
    start, stop = parse_date(query.start), parse_date(query.stop)
    return select_events(query, using, start, stop, *columns, direction=direction, located=located)
