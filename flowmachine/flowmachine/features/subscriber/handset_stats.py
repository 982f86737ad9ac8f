"""The size of the handsets that each subscriber used, by how long they were used."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import moments, sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import parse_date
from flowmachine.core.statistic_types import Statistic
from flowmachine.features.subscriber.handset import SubscriberHandsets
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.handsets import MEASURES
from flowmachine.features.utilities.weighted import weighted


def _lower_case(value: Any) -> str:
    return str(value).lower()


def _handsets(value: Any) -> SubscriberHandsets:
    if not isinstance(value, SubscriberHandsets):
        raise ValueError(f"subscriber_handsets must be SubscriberHandsets, not a {type(value).__name__}.")
    return value


def _not_mode(_: Any, __: "attrs.Attribute[Any]", value: Statistic) -> None:
    if value is Statistic.MODE:
        raise ValueError("statistic must not be 'mode': sizes are measured, not counted.")


@attrs.frozen(eq=False, slots=False, repr=False)
class HandsetStats(SubscriberFeature):
    """Statistic of a measure of the handsets that each subscriber used.

    ``count``, ``max`` and ``min`` are over events. For the others a handset counts for as long as it was
    used: each event for the seconds since the one before, the first since the start of the window, and the
    last until the end of the window too. Events whose handset's measure is not known are left out before.

    Parameters
    ----------
    characteristic : {"width", "height", "depth", "weight", "display_width", "display_height"}
        In any case.
    statistic : Statistic or str, default "sum"
        Any but ``mode``. ``median``: the measure in the middle of the time, between two the mean of both.
        ``variance`` and ``stddev`` are those of a sample of seconds.
    subscriber_handsets : SubscriberHandsets

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (numeric; for ``count`` bigint, events; for ``median`` double
    precision). ``sum`` is in units of the measure times seconds. Subscribers none of whose handsets is
    known have no row. Of events at the same time, the one with the smaller measure comes first.

    Raises
    ------
    ValueError
        For another characteristic or statistic.
    """

    characteristic: str = attrs.field(converter=_lower_case, validator=attrs.validators.in_(MEASURES))
    statistic: Statistic = fields.statistic_field(Statistic.SUM, validator=_not_mode)
    subscriber_handsets: SubscriberHandsets = attrs.field(kw_only=True, converter=_handsets)

    def select(self, using: Compilation) -> Select[Any]:
        """Turn events into stretches of use, and weigh each by its length."""
        handsets = using(self.subscriber_handsets)
        value = handsets.c[self.characteristic].label("value")
        known = (
            sa.select(handsets.c.subscriber, handsets.c.time, value)
            .where(value.is_not(None))
            .subquery("known")
        )
        subscriber = known.c.subscriber
        if self.statistic in (Statistic.COUNT, Statistic.MAX, Statistic.MIN):
            found = self.statistic.of(known.c.value).label("value")
            return sa.select(subscriber, found).group_by(subscriber)
        in_turn: dict[str, Any] = {"partition_by": subscriber, "order_by": [known.c.time, known.c.value]}
        start, stop = (
            sql.instant(parse_date(end))
            for end in (self.subscriber_handsets.start, self.subscriber_handsets.stop)
        )
        # Where there is no event before or after, the window begins or ends.
        since = sa.func.lag(known.c.time, 1, start).over(**in_turn)
        last = sa.func.lead(known.c.time).over(**in_turn).is_(None)
        until = sa.case((last, stop), else_=known.c.time)
        stretches = sa.select(subscriber, known.c.value, moments.seconds(since, until).label("weight"))
        return weighted(self.statistic, stretches.subquery("stretches"), "subscriber")
