"""How much credit each subscriber had."""

from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import moments, sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import parse_date
from flowmachine.core.facts import Facts
from flowmachine.core.statistic_types import Statistic
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.events import EventTables, check_events, select_window
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.weighted import weighted


@attrs.frozen(eq=False, slots=False, repr=False)
class TopUpBalance(SubscriberFeature):
    """Statistic of the balance of each subscriber over ``[start, stop)``, as far as top-ups tell it.

    ``count`` is the number of top-ups, ``max`` and ``min`` are over the balances before and after each.
    For the others a balance counts for as many seconds as it was held. Between two top-ups that is the
    mean of the balance after the one and before the other; from the start of the window the balance before
    the first; and until its end the balance after the last. If one of two balances is not known the other
    is taken; stretches of which none is known do not count.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    statistic : Statistic or str, default "sum"
        ``median``: the balance in the middle of the time, between two the mean of both. ``mode``: the
        balance held for most of the time; of several the smallest. ``variance`` and ``stddev`` are those of
        a sample of seconds.
    subscriber_identifier, hours, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (numeric, in the currency of the data; bigint for ``count``,
    double precision for ``median``). ``sum`` is in units of the currency times seconds. Subscribers without
    top-ups have no row, nor, except for ``count``, ``max`` and ``min``, those of whom no balance is known.
    Top-ups at the same time are in the order of their balances before and then after.

    Raises
    ------
    ValueError
        For another statistic.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    statistic: Statistic = fields.statistic_field(Statistic.SUM)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: ClassVar[EventTables] = ("events.topups",)
    reads_events = True
    one_row_per_subscriber = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Turn top-ups into stretches of a balance, and weigh each by its length."""
        columns = ("datetime", "pre_event_balance", "post_event_balance")
        topups = select_window(self, using, *columns).subquery("topups")
        balances = [topups.c.pre_event_balance, topups.c.post_event_balance]
        match self.statistic:
            case Statistic.COUNT:
                found: ColumnElement[Any] = sa.func.count()
            case Statistic.MAX:
                found = sa.func.max(sa.func.greatest(*balances))
            case Statistic.MIN:
                found = sa.func.min(sa.func.least(*balances))
            case _:
                return weighted(self.statistic, self._stretches(topups), "subscriber")
        return sa.select(topups.c.subscriber, found.label("value")).group_by(topups.c.subscriber)

    def _stretches(self, topups: FromClause) -> FromClause:
        before, after, time = topups.c.pre_event_balance, topups.c.post_event_balance, topups.c.datetime
        in_turn: dict[str, Any] = {"partition_by": topups.c.subscriber, "order_by": [time, before, after]}
        start, stop = (sql.instant(parse_date(end)) for end in (self.start, self.stop))
        turns = sa.select(
            topups.c.subscriber,
            before.label("before"),
            sa.func.lag(after).over(**in_turn).label("earlier"),
            after.label("after"),
            moments.seconds(sa.func.lag(time, 1, start).over(**in_turn), time).label("until_then"),
            moments.seconds(time, stop).label("from_then"),
            sa.func.lead(time).over(**in_turn).is_(None).label("last"),
        ).cte(f"turns_{self.query_id[:8]}")
        mean = (turns.c.before + turns.c.earlier) / sa.literal(2, sa.Numeric)
        held = sa.func.coalesce(mean, turns.c.before, turns.c.earlier)
        subscriber = turns.c.subscriber
        until_then = sa.select(subscriber, held.label("value"), turns.c.until_then.label("weight"))
        from_then = sa.select(subscriber, turns.c.after.label("value"), turns.c.from_then.label("weight"))
        return sa.union_all(
            until_then.where(held.is_not(None)), from_then.where(turns.c["last"], turns.c.after.is_not(None))
        ).subquery("stretches")
