"""How much data each subscriber used."""

from typing import Any, ClassVar, Literal, get_args

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

Volume = Literal["total", "upload", "download"]


@attrs.frozen(eq=False, slots=False, repr=False)
class MDSVolume(SubscriberFeature):
    """Statistic of the volumes of each subscriber's sessions of mobile data in ``[start, stop)``.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    volume : {"total", "upload", "download"}, default "total"
    statistic : Statistic or str, default "sum"
        Of several modes the smallest.
    subscriber_identifier, hours, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (numeric, in the unit of the data; double precision for
    ``median``, bigint for ``count``). Sessions whose volume is not known do not count; of a subscriber who
    has no others the value is null, and the count 0.

    Raises
    ------
    ValueError
        For another volume or statistic.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    volume: Volume = attrs.field(default="total", validator=attrs.validators.in_(get_args(Volume)))
    statistic: Statistic = fields.statistic_field(Statistic.SUM)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: ClassVar[EventTables] = ("events.mds",)
    reads_events = True
    one_row_per_subscriber = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Take the statistic of the volumes."""
        return statistic_of_events(self, using, f"volume_{self.volume}", self.statistic)
