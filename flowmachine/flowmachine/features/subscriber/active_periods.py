"""What queries about the periods in which each subscriber was active have in common."""

import attrs

from flowmachine.core.dates import standardise_date
from flowmachine.core.facts import Facts
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.events import EventTables
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.periods import (
    Periods,
    check_periods,
    period_unit_field,
    whole_number_field,
)


@attrs.frozen(eq=False, slots=False, repr=False)
class ActivePeriods(SubscriberFeature):
    """Base of queries about the periods in which each subscriber was active.

    Parameters
    ----------
    start : str, date or datetime
        The start of the first period.
    total_periods : int
        How many periods there are, back to back.
    period_length : int, default 1
        Of each period, in units.
    period_unit : {"days", "hours", "minutes"}
    hours, table, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Raises
    ------
    ValueError
        For another unit, a number that is not whole or below 1, or periods that never end.
    MissingDateError
        When planned, if nothing has been loaded for one of the periods: nobody could be active in it.
    """

    start: str = fields.date_field()
    total_periods: int = whole_number_field()
    period_length: int = whole_number_field(default=1)
    period_unit: str = period_unit_field("days")
    hours: Hours = fields.hours_field()
    table: EventTables = fields.table_field()
    subscriber_identifier: str = fields.identifier_field()
    subscriber_subset: SubscriberSubset = fields.subset_field(kw_only=False)
    reads_events = True
    one_row_per_subscriber = True

    def __attrs_post_init__(self) -> None:
        self.periods  # noqa: B018 - raises ValueError

    @property
    def periods(self) -> Periods:
        """The periods."""
        return Periods(self.start, self.total_periods, self.period_length, self.period_unit)

    @property
    def stop(self) -> str:
        """The end of the last period."""
        return self.periods.stop

    stop_date = stop

    @property
    def starts(self) -> list[str]:
        """The start of each period."""
        return [standardise_date(self.periods.edge(number)) for number in range(self.total_periods)]

    @property
    def stops(self) -> list[str]:
        """The end of each period."""
        return [standardise_date(self.periods.edge(number + 1)) for number in range(self.total_periods)]

    def check(self, facts: Facts) -> None:
        """Refuse periods without data."""
        check_periods(self, facts, self.periods)
