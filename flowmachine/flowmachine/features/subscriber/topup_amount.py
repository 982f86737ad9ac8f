"""How much each subscriber topped up."""

from typing import Any, ClassVar

import attrs
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.statistic_types import Statistic
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.amounts import statistic_of_events
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours


@attrs.frozen(eq=False, slots=False, repr=False)
class TopUpAmount(SubscriberFeature):
    """Statistic of the amounts of each subscriber's top-ups in ``[start, stop)``.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    statistic : Statistic or str, default "avg"
        Of several modes the smallest.
    subscriber_identifier, hours, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (numeric, in the currency of the data; double precision for
    ``median``, bigint for ``count``). Top-ups whose amount is not known do not count; of a subscriber who
    has no others the value is null, and the count 0.

    Raises
    ------
    ValueError
        For another statistic.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    statistic: Statistic = fields.statistic_field(Statistic.AVG)
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
        """Take the statistic of the amounts."""
        return statistic_of_events(self, using, "recharge_amount", self.statistic)
