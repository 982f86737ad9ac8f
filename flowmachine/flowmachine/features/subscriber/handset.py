"""The handsets that subscribers used, and what is known of them."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields, handsets
from flowmachine.features.utilities.events import EventTables, check_events, select_window
from flowmachine.features.utilities.handsets import method_field
from flowmachine.features.utilities.hours import Hours


@attrs.frozen(eq=False, slots=False, repr=False)
class SubscriberHandsets(SubscriberFeature):
    """The handset of every event that has a TAC.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    hours, table, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Notes
    -----
    Columns: ``tac`` (numeric), ``subscriber`` (text), ``time`` (timestamp with time zone), then those of
    ``infrastructure.tacs`` but ``id``, null for a TAC that is not there.

    Raises
    ------
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Look up the model of each event's TAC."""
        events = select_window(self, using, "datetime", "tac").subquery("events")
        models, tac = handsets.models(), events.c.tac
        columns = handsets.described(models, tac, events.c.subscriber, events.c.datetime.label("time"))
        joined = events.outerjoin(models, tac == models.c.id)
        return sa.select(*columns).select_from(joined).where(tac.is_not(None))


@attrs.frozen(eq=False, slots=False, repr=False)
class SubscriberHandset(SubscriberFeature):
    """One handset of each subscriber, as :class:`SubscriberTAC` chooses it.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    hours, table, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.
    method : {"most-common", "last"}, default "most-common"

    Notes
    -----
    Columns: ``tac`` (numeric), ``subscriber`` (text), then those of ``infrastructure.tacs`` but ``id``, null
    for a TAC that is not there.

    Raises
    ------
    ValueError
        For another method.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    method: str = method_field()
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Look up the model of the TAC chosen for each subscriber."""
        chosen = handsets.one_tac_each(self, using, self.method).subquery("chosen")
        models = handsets.models()
        return sa.select(*handsets.described(models, chosen.c.tac, chosen.c.subscriber)).select_from(
            chosen.outerjoin(models, chosen.c.tac == models.c.id)
        )


@attrs.frozen(eq=False, slots=False, repr=False)
class SubscriberHandsetCharacteristic(SubscriberFeature):
    """One characteristic of each subscriber's handsets.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    characteristic : str
        A column of ``infrastructure.tacs`` such as ``brand`` or ``hnd_type``, or ``tac``.
    hours, table, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.
    method : {"most-common", "last"}, default "most-common"
        ``most-common``: the value known of most events, whichever handsets have it; of several the
        smallest. ``last``: that of the handset of the latest event; of several handsets that with the
        smallest TAC.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (of the type of the characteristic; null if it is not known).
    Subscribers without an event with a TAC have no row.

    Raises
    ------
    ValueError
        For another characteristic or method.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    characteristic: str = handsets.characteristic_field()
    hours: Hours = fields.hours_field()
    table: EventTables = fields.table_field()
    subscriber_identifier: str = fields.identifier_field()
    method: str = method_field(kw_only=False)
    subscriber_subset: SubscriberSubset = fields.subset_field(kw_only=False)
    reads_events = True
    one_row_per_subscriber = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Choose the TAC and look up its model, or look up the models and choose the characteristic."""
        models = handsets.models()
        if self.method == "last":
            chosen = handsets.one_tac_each(self, using, "last").subquery("chosen")
            value = handsets.characteristic_of(self.characteristic, models, chosen.c.tac)
            joined = chosen.outerjoin(models, chosen.c.tac == models.c.id)
            return sa.select(chosen.c.subscriber, value.label("value")).select_from(joined)
        used = handsets.tacs_used(self, using)
        value = handsets.characteristic_of(self.characteristic, models, used.c.tac).label("value")
        events = sa.func.sum(used.c.events).label("events")
        totals = (
            sa.select(used.c.subscriber, value, events)
            .select_from(used.outerjoin(models, used.c.tac == models.c.id))
            .group_by(used.c.subscriber, value)
            .subquery("totals")
        )
        order = [totals.c.value.is_(None), totals.c.events.desc(), totals.c.value]
        return sql.first_per([totals.c.subscriber], order, [totals.c.subscriber, totals.c.value])
