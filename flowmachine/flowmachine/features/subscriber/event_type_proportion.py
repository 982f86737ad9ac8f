"""How much of what each subscriber did was of one type."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.event_count import EventCount
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.contacts import share
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventTables
from flowmachine.features.utilities.hours import Hours


@attrs.frozen(eq=False, slots=False, repr=False)
class ProportionEventType(SubscriberFeature):
    """Events of some types, per event of all, for each subscriber in ``[start, stop)``.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    numerator : str or list of str
        Tables of the events whose proportion is asked for, such as ``"events.calls"``.
    numerator_direction : {"in", "out", "both"}, default "both"
        Which of these count.
    subscriber_identifier, direction, hours, subscriber_subset, tables
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`: the events that they
        are compared with.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (double precision; a share from 0 to 1 if the events of
    the numerator are among the others). Subscribers who lack either have no row.

    Raises
    ------
    MissingColumnsError
        When planned, if a direction is asked of events that have none.
    MissingDateError
        When planned, if no day of the window has been loaded, of one or the other.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    numerator: EventTables = fields.table_field(attrs.NOTHING, argument="numerator")
    numerator_direction: Direction = fields.direction_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    direction: Direction = fields.direction_field()
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    reads_events = True
    one_row_per_subscriber = True

    def _counts(self, tables: EventTables, direction: Direction) -> EventCount:
        parameters: dict[str, Any] = {
            "subscriber_identifier": self.subscriber_identifier,
            "hours": self.hours,
            "subscriber_subset": self.subscriber_subset,
            "tables": tables,
        }
        return EventCount(self.start, self.stop, direction=direction, **parameters)

    @property
    def _parts(self) -> tuple[EventCount, EventCount]:
        return (
            self._counts(self.numerator, self.numerator_direction),
            self._counts(self.table, self.direction),
        )

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        for counts in self._parts:
            counts.check(facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Count both kinds of events, and divide."""
        some, all_ = (
            counts.select(using).subquery(name)
            for counts, name in zip(self._parts, ("some", "every"), strict=True)
        )
        return sa.select(some.c.subscriber, share(some.c.value, all_.c.value).label("value")).select_from(
            some.join(all_, some.c.subscriber == all_.c.subscriber)
        )
