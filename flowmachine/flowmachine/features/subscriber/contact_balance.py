"""How the events of each subscriber are shared out between their contacts."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
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
from flowmachine.features.utilities.events import EventTables
from flowmachine.features.utilities.hours import Hours


@attrs.frozen(eq=False, slots=False, repr=False)
class ContactBalance(GraphMixin, SubscriberFeature):
    """Number of events of each subscriber with each counterpart in ``[start, stop)``, and its share of all.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    hours, tables, subscriber_identifier, direction, subscriber_subset
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`.
    exclude_self_calls : bool, default True
        Leave out events whose counterpart is the subscriber's own msisdn, whatever identifies
        subscribers.

    Notes
    -----
    Columns: ``subscriber``, ``msisdn_counterpart`` (text), ``events`` (bigint), ``proportion``
    (double precision; those of a subscriber add up to 1). Events without a counterpart do not count.

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
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    direction: Direction = fields.direction_field()
    exclude_self_calls: bool = fields.flag_field(True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_contacts(self, facts, self.direction)

    def select(self, using: Compilation) -> Select[Any]:
        """Count the events of each contact, and compare with those of all contacts."""
        contacts = select_contacts(
            self, using, {"events": number_of_events}, direction=self.direction
        ).subquery("contacts")
        whole = sa.func.sum(contacts.c.events).over(partition_by=contacts.c.subscriber)
        return sa.select(
            contacts.c.subscriber,
            contacts.c[COUNTERPART],
            contacts.c.events,
            share(contacts.c.events, whole).label("proportion"),
        )

    def counterparts_subset(self, include_subscribers: bool = False) -> "Counterparts":
        """Return the counterparts as subscribers, for use as a subset of another query.

        Parameters
        ----------
        include_subscribers : bool, default False
            Return the subscribers themselves too.

        Raises
        ------
        ValueError
            If subscribers are included that are identified otherwise than counterparts, by msisdn.
        """
        return Counterparts(self, include_subscribers)


@attrs.frozen(eq=False, slots=False, repr=False)
class Counterparts(Query):
    """The counterparts of contacts, as subscribers.

    Parameters
    ----------
    contact_balance : ContactBalance
    include_subscribers : bool, default False
        Return the subscribers themselves too.

    Notes
    -----
    Columns: ``subscriber`` (text, an msisdn), each once.

    Raises
    ------
    ValueError
        If subscribers are included that are identified otherwise than counterparts, by msisdn.
    """

    contact_balance: ContactBalance = attrs.field(validator=attrs.validators.instance_of(ContactBalance))
    include_subscribers: bool = attrs.field(default=False, validator=attrs.validators.instance_of(bool))

    def __attrs_post_init__(self) -> None:
        identifier = self.contact_balance.subscriber_identifier
        if self.include_subscribers and identifier != "msisdn":
            raise ValueError(f"Counterparts are known by msisdn, and the subscribers by {identifier}.")

    def select(self, using: Compilation) -> Select[Any]:
        """Take each counterpart once."""
        contacts = using(self.contact_balance)
        counterparts = sa.select(contacts.c[COUNTERPART].label("subscriber"))
        if not self.include_subscribers:
            return counterparts.distinct()
        both = sa.union(counterparts, sa.select(contacts.c.subscriber)).subquery("both")
        return sa.select(both.c.subscriber)
