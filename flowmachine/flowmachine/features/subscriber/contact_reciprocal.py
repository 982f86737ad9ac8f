"""Which contacts go both ways."""

from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.facts import Facts
from flowmachine.core.mixins import GraphMixin
from flowmachine.core.query import Query
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.contacts import (
    COUNTERPART,
    check_contacts,
    number_of_events,
    select_contacts,
    share,
)
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours

_query = attrs.validators.instance_of(Query)


def _received(events: FromClause) -> ColumnElement[Any]:
    return sa.func.count().filter(~events.c.outgoing)


def _made(events: FromClause) -> ColumnElement[Any]:
    return sa.func.count().filter(events.c.outgoing)


@attrs.frozen(eq=False, slots=False, repr=False)
class ContactReciprocal(GraphMixin, SubscriberFeature):
    """How many events of each subscriber with each counterpart came in and went out, in ``[start, stop)``.

    Subscribers are known by msisdn, as counterparts are.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    hours, tables, subscriber_subset
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`.
    exclude_self_calls : bool, default True
        Leave out events of subscribers with themselves.

    Notes
    -----
    Columns: ``subscriber``, ``msisdn_counterpart`` (text), ``events_in``, ``events_out`` (bigint),
    ``proportion_in``, ``proportion_out`` (double precision, the contact's share of all that the
    subscriber received, or made; 0 if they did nothing of the kind), ``reciprocal`` (boolean, whether
    there were both). Events without a counterpart or a direction do not count.

    Raises
    ------
    MissingColumnsError
        When planned, if the events have no counterparts.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    exclude_self_calls: bool = fields.flag_field(True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    subscriber_identifier: ClassVar[str] = "msisdn"
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, columns=(COUNTERPART, "outgoing"))

    def select(self, using: Compilation) -> Select[Any]:
        """Count the events of each contact by direction, in one pass."""
        measures = {"events_in": _received, "events_out": _made}
        contacts = select_contacts(self, using, measures, "outgoing").subquery("contacts")
        both = [contacts.c[name] for name in measures]
        subscriber = contacts.c.subscriber
        proportions = [
            sa.func.coalesce(
                share(events, sa.func.nullif(sa.func.sum(events).over(partition_by=subscriber), 0)),
                sa.cast(0, sa.Double),
            )
            for events in both
        ]
        return sa.select(
            subscriber,
            contacts.c[COUNTERPART],
            *both,
            proportions[0].label("proportion_in"),
            proportions[1].label("proportion_out"),
            sa.and_(*(events > 0 for events in both)).label("reciprocal"),
        ).where(sa.or_(*(events > 0 for events in both)))


@attrs.frozen(eq=False, slots=False, repr=False)
class ProportionContactReciprocal(SubscriberFeature):
    """Share of each subscriber's contacts that go both ways.

    Parameters
    ----------
    contact_reciprocal : Query
        With the columns ``subscriber`` and ``reciprocal``, such as a :class:`ContactReciprocal`.

    Notes
    -----
    Columns: ``subscriber`` (text), ``proportion`` (double precision, 0 to 1).

    Raises
    ------
    ValueError
        For a query without these columns.
    """

    contact_reciprocal: Query = attrs.field(validator=_query)

    def __attrs_post_init__(self) -> None:
        require_columns(self.contact_reciprocal, "subscriber", "reciprocal")

    def select(self, using: Compilation) -> Select[Any]:
        """Count the contacts of each subscriber, and those that go both ways."""
        contacts = using(self.contact_reciprocal)
        both_ways = sa.func.count().filter(contacts.c.reciprocal)
        return sa.select(
            contacts.c.subscriber, share(both_ways, sa.func.count()).label("proportion")
        ).group_by(contacts.c.subscriber)


@attrs.frozen(eq=False, slots=False, repr=False)
class ProportionEventReciprocal(SubscriberFeature):
    """Share of each subscriber's events in ``[start, stop)`` that are with a contact that goes both ways.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    contact_reciprocal : Query
        With the columns ``subscriber``, ``msisdn_counterpart`` and ``reciprocal``, each pair once, such
        as a :class:`ContactReciprocal`, perhaps of another window. Contacts that it does not know do
        not go both ways.
    direction : {"in", "out", "both"}, default "out"
    subscriber_identifier, hours, subscriber_subset, tables
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`. Contacts are looked
        up by the msisdn of an event, whatever identifies subscribers.
    exclude_self_calls : bool, default True
        Leave out events of subscribers with themselves.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (double precision, 0 to 1). Events without a counterpart
    do not count.

    Raises
    ------
    ValueError
        For a query without these columns.
    MissingColumnsError
        When planned, if the events have no counterparts.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    contact_reciprocal: Query = attrs.field(validator=_query)  # type: ignore[misc] # dates have no default
    direction: Direction = fields.direction_field(Direction.OUT)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    exclude_self_calls: bool = fields.flag_field(True)
    reads_events = True

    def __attrs_post_init__(self) -> None:
        require_columns(self.contact_reciprocal, "subscriber", COUNTERPART, "reciprocal")

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_contacts(self, facts, self.direction)

    def select(self, using: Compilation) -> Select[Any]:
        """Count the events of each contact, and look up which of them goes both ways."""
        measures = {"events": number_of_events}
        contacts = select_contacts(
            self, using, measures, keys=("msisdn",), direction=self.direction
        ).subquery("contacts")
        known = using(self.contact_reciprocal).alias("known")
        same = (contacts.c.msisdn == known.c.subscriber) & (contacts.c[COUNTERPART] == known.c[COUNTERPART])
        both_ways = sa.func.sum(contacts.c.events).filter(known.c.reciprocal)
        value = share(sa.func.coalesce(both_ways, 0), sa.func.sum(contacts.c.events))
        return (
            sa.select(contacts.c.subscriber, value.label("value"))
            .select_from(contacts.join(known, same, isouter=True))
            .group_by(contacts.c.subscriber)
        )
