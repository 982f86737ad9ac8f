"""The type allocation codes (TACs) of the handsets that subscribers used."""

import warnings
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.events import EventTables, check_events, select_window
from flowmachine.features.utilities.handsets import method_field, one_tac_each
from flowmachine.features.utilities.hours import Hours


@attrs.frozen(eq=False, slots=False, repr=False)
class SubscriberTACs(SubscriberFeature):
    """The TAC of every event that has one.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    hours, table, subscriber_subset, subscriber_identifier
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Notes
    -----
    Columns: ``subscriber`` (text), ``time`` (timestamp with time zone), ``tac`` (numeric); in the order of
    the time, then of subscribers and TACs.

    Raises
    ------
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Return the events with a TAC, in order."""
        events = select_window(self, using, "datetime", "tac").subquery("events")
        columns = [events.c.subscriber, events.c.datetime.label("time"), events.c.tac]
        order = [events.c.datetime, events.c.subscriber, events.c.tac]
        return sa.select(*columns).where(events.c.tac.is_not(None)).order_by(*order)


@attrs.frozen(eq=False, slots=False, repr=False)
class SubscriberTAC(SubscriberFeature):
    """One TAC of each subscriber.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    hours, table, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.
    method : {"most-common", "last"}, default "most-common"
        The TAC with most events, or that of the latest event; of several the smallest.

    Notes
    -----
    Columns: ``subscriber`` (text), ``tac`` (numeric). Subscribers without an event with a TAC have no row.

    Raises
    ------
    ValueError
        For another method.
    MissingDateError
        When planned, if no day of the window has been loaded.

    Warns
    -----
    UserWarning
        If subscribers are identified by ``imei``: the TAC is a part of it.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    method: str = method_field()
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True

    def __attrs_post_init__(self) -> None:
        if self.subscriber_identifier == "imei":
            warnings.warn("An IMEI has one TAC, which is a part of it.", stacklevel=3)

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Choose among the TACs that each subscriber used."""
        return one_tac_each(self, using, self.method)
