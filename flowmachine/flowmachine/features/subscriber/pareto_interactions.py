"""With how few of their contacts each subscriber has most of their events."""

from decimal import Decimal
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.contacts import check_contacts, number_of_events, select_contacts, share
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventTables
from flowmachine.features.utilities.hours import Hours


def _between(_: Any, __: Any, value: float) -> None:
    if not 0 < value < 1:
        raise ValueError(f"proportion must be greater than 0 and less than 1, not {value}.")


@attrs.frozen(eq=False, slots=False, repr=False)
class ParetoInteractions(SubscriberFeature):
    """Smallest share of each subscriber's contacts with whom they had a given proportion of their events.

    Named after Pareto's observation that few have most; see Y.-A. de Montjoye, L. Rocher and
    A. Pentland, *bandicoot: a Python toolbox for mobile phone metadata*, Journal of Machine Learning
    Research 17 (2016), "percent pareto interactions".

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    proportion : float, default 0.8
        Of the events, between 0 and 1; events are counted up to a whole number.
    direction, tables, subscriber_identifier, hours, subscriber_subset
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`.
    exclude_self_calls : bool, default False
        Leave out events whose counterpart is the subscriber's own msisdn, whatever identifies
        subscribers.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (double precision, above 0 up to 1). Events without a
    counterpart do not count. Which of equally frequent contacts comes first makes no difference.

    Raises
    ------
    ValueError
        For a proportion of 0 or less, or 1 or more.
    MissingColumnsError
        When planned, if the events have no counterparts.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    proportion: float = attrs.field(default=0.8, converter=float, validator=_between)
    direction: Direction = fields.direction_field()
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    exclude_self_calls: bool = fields.flag_field(False)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True
    one_row_per_subscriber = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_contacts(self, facts, self.direction)

    def select(self, using: Compilation) -> Select[Any]:
        """Count the contacts before which not enough events are reached, the most frequent first."""
        contacts = select_contacts(
            self, using, {"events": number_of_events}, direction=self.direction
        ).subquery("contacts")
        own = contacts.c.subscriber
        before = sa.func.sum(contacts.c.events).over(
            partition_by=own, order_by=contacts.c.events.desc(), rows=(None, -1)
        )
        ranked = sa.select(
            contacts.c.subscriber,
            sa.func.coalesce(before, 0).label("before"),
            sa.func.sum(contacts.c.events).over(partition_by=own).label("whole"),
        ).subquery("ranked")
        # As a decimal: 0.07 as a float is more than seven events of a hundred.
        exactly = sa.literal(Decimal(repr(self.proportion)), sa.Numeric)
        needed = sa.func.count().filter(ranked.c.before < sa.func.ceil(exactly * ranked.c.whole))
        return sa.select(ranked.c.subscriber, share(needed, sa.func.count()).label("value")).group_by(
            ranked.c.subscriber
        )
