"""Contacts: events of two parties reduced to one row per subscriber and counterpart.

The whole window is reduced at once. To reduce each day by itself first, as visits are, pays only
where days leave few rows over; most contacts have one or two events a day, so that it costs a second
aggregation of nearly as many rows: over three days of 800,000 events it took a third longer.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventQuery, check_events, select_window

COUNTERPART = "msisdn_counterpart"
Measured = Callable[[FromClause], ColumnElement[Any]]


def number_of_events(_: FromClause) -> ColumnElement[Any]:
    """Count the events of a contact."""
    return sa.func.count()


class ContactQuery(EventQuery, Protocol):
    """The parameters that queries over contacts have in common."""

    @property
    def exclude_self_calls(self) -> bool:
        """Whether to leave out events of a subscriber with themselves."""


def check_contacts(query: EventQuery, facts: Facts, direction: Direction = Direction.BOTH) -> None:
    """Raise if FlowDB holds nothing for a query's window, or events without counterparts."""
    check_events(query, facts, direction, [COUNTERPART])


def with_others(
    events: FromClause, subscriber_identifier: str, exclude_self_calls: bool
) -> list[ColumnElement[bool]]:
    """Return the conditions that keep the events with a counterpart, who may have to be somebody else.

    The counterpart is known by msisdn, so the subscriber's is compared, whatever identifies them; it
    must be among the columns of ``events`` if that is something else.
    """
    counterpart = events.c[COUNTERPART]
    if not exclude_self_calls:
        return [counterpart.is_not(None)]
    own = events.c.subscriber if subscriber_identifier == "msisdn" else events.c.msisdn
    return [counterpart != own]  # which nothing is, if there is no counterpart


def select_contacts(
    query: ContactQuery,
    using: Compilation,
    measures: Mapping[str, Measured],
    *columns: str,
    keys: tuple[str, ...] = (),
    direction: Direction = Direction.BOTH,
) -> Select[Any]:
    """Select one row per subscriber and counterpart for the whole of a query's window.

    Events without a counterpart are left out, and those of a subscriber with themselves if the query
    says so. Events count wherever they were.

    Parameters
    ----------
    query : ContactQuery
    using : Compilation
    measures : mapping of str to function
        What is kept of the events of a contact: aggregates over events.
    columns : str
        Columns of the events that measures see, beside the counterpart.
    keys : tuple of str
        Columns of the events beside subscriber and counterpart that there is a row for.
    direction : Direction
    """
    read = dict.fromkeys(("msisdn", COUNTERPART, *keys, *columns))
    events = select_window(query, using, *read, direction=direction).subquery("events")
    contact = [events.c[name] for name in ("subscriber", *keys, COUNTERPART)]
    kept = [aggregate(events).label(name) for name, aggregate in measures.items()]
    conditions = with_others(events, query.subscriber_identifier, query.exclude_self_calls)
    return sa.select(*contact, *kept).where(*conditions).group_by(*contact)


def share(part: ColumnElement[Any], whole: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a part of a whole as a number from 0 to 1."""
    return sa.cast(part, sa.Double) / sa.cast(whole, sa.Double)
