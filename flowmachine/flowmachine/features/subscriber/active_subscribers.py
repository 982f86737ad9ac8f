"""Who is active again and again."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import standardise_date
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.subscriber.total_active_periods import TotalActivePeriodsSubscriber
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.events import EventTables
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.periods import (
    Periods,
    check_periods,
    period_unit_field,
    select_active_periods,
    whole_number_field,
)


@attrs.frozen(eq=False, slots=False, repr=False)
class ActiveSubscribers(SubscriberFeature):
    """Subscribers who are active in enough major periods, each of them in enough of its minor periods.

    Major periods are back to back from ``start_date`` on, as are the minor periods that each consists
    of. A subscriber is active in a minor period with one event, and in a major period in which they
    are active in ``minor_period_threshold`` minor periods.

    Parameters
    ----------
    start_date : str, date or datetime
    minor_period_length : int
        Of each minor period, in units.
    minor_periods_per_major_period, total_major_periods : int
    minor_period_threshold : int
        In how many minor periods of a major period a subscriber has to be active.
    major_period_threshold : int
        In how many major periods a subscriber has to be active.
    period_unit : {"days", "hours", "minutes"}, default "hours"
    subscriber_identifier, tables, subscriber_subset, hours
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`.

    Notes
    -----
    Columns: ``subscriber`` (text), each once.

    Raises
    ------
    ValueError
        For another unit, a number that is not whole or below 1, or periods that end after 9999.
    MissingDateError
        When planned, if nothing has been loaded for one of the minor periods.
    """

    start_date: str = fields.date_field()
    minor_period_length: int = whole_number_field()
    minor_periods_per_major_period: int = whole_number_field()
    total_major_periods: int = whole_number_field()
    minor_period_threshold: int = whole_number_field()
    major_period_threshold: int = whole_number_field()
    period_unit: str = period_unit_field("hours")
    subscriber_identifier: str = fields.identifier_field()
    table: EventTables = fields.table_field(argument="tables")
    subscriber_subset: SubscriberSubset = fields.subset_field(kw_only=False)
    hours: Hours = fields.hours_field()
    reads_events = True

    def __attrs_post_init__(self) -> None:
        self.periods  # noqa: B018 - raises ValueError

    @property
    def periods(self) -> Periods:
        """The minor periods of all major periods."""
        number = self.total_major_periods * self.minor_periods_per_major_period
        return Periods(self.start_date, number, self.minor_period_length, self.period_unit)

    @property
    def start(self) -> str:
        """The start of the first period."""
        return self.start_date

    @property
    def stop(self) -> str:
        """The end of the last period."""
        return self.periods.stop

    end_date = stop

    @property
    def major_period_queries(self) -> list[Query]:
        """The subscribers active in each major period, with their numbers of minor periods."""
        starts = [
            standardise_date(self.periods.edge(major * self.minor_periods_per_major_period))
            for major in range(self.total_major_periods)
        ]
        return [
            TotalActivePeriodsSubscriber(
                start,
                self.minor_periods_per_major_period,
                self.minor_period_length,
                self.period_unit,
                self.hours,
                self.table,
                self.subscriber_identifier,
                self.subscriber_subset,
            ).numeric_subset("value", self.minor_period_threshold, self.minor_periods_per_major_period)
            for start in starts
        ]

    def check(self, facts: Facts) -> None:
        """Refuse periods without data."""
        check_periods(self, facts, self.periods)

    def select(self, using: Compilation) -> Select[Any]:
        """Count minor periods within major ones, then major ones."""
        active = select_active_periods(self, using, self.periods).subquery("active")
        major = active.c.period // self.minor_periods_per_major_period
        in_major = (
            sa.select(active.c.subscriber)
            .group_by(active.c.subscriber, major)
            .having(sa.func.count() >= self.minor_period_threshold)
            .subquery("in_major")
        )
        return (
            sa.select(in_major.c.subscriber)
            .group_by(in_major.c.subscriber)
            .having(sa.func.count() >= self.major_period_threshold)
        )
