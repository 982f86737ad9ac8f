"""A series of distances without gaps."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core import medians, moments
from flowmachine.core.compilation import Compilation
from flowmachine.features.subscriber.distance_series import DistanceSeries
from flowmachine.features.subscriber.metaclasses import SubscriberFeature


def _series(value: Any) -> DistanceSeries:
    if not isinstance(value, DistanceSeries):
        raise ValueError(f"distance_series must be a DistanceSeries, not a {type(value).__name__}.")
    return value


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class ImputedDistanceSeries(SubscriberFeature):
    """A distance series with a row for every bucket, gaps filled by the rolling median.

    A gap takes the median of the last ``window_size`` observed values before it; gaps before so many
    were observed take the median of the first ``window_size``. Observed values stay as they are.
    Subscribers with at most ``window_size`` observed values are left out. A null value, such as the
    standard deviation of one event, is a gap.

    Parameters
    ----------
    distance_series : DistanceSeries
    window_size : int, default 3
        Odd, at least 3.

    Notes
    -----
    Columns: ``subscriber`` (text), ``datetime`` (as in the series), ``value`` (double precision,
    kilometres). The buckets are all that the window of the series touches.

    Raises
    ------
    ValueError
        For another window.
    """

    distance_series: DistanceSeries = attrs.field(converter=_series)
    window_size: int = attrs.field(default=3, validator=medians.window_size)

    def select(self, using: Compilation) -> Select[Any]:
        """Lay each series out over all buckets, and fill it in one go."""
        series, whole = using(self.distance_series), self.distance_series
        observed = sa.func.count(series.c.value) > self.window_size
        people = (
            sa.select(series.c.subscriber).group_by(series.c.subscriber).having(observed).subquery("people")
        )
        buckets = moments.buckets_of(whole.time_bucket, whole.start, whole.stop).subquery("buckets")
        same = (series.c.subscriber == people.c.subscriber) & (series.c.datetime == buckets.c.datetime)
        laid_out = (
            sa.select(people.c.subscriber, buckets.c.datetime, series.c.value)
            .select_from(people.join(buckets, sa.true()).outerjoin(series, same))
            .subquery("laid_out")
        )
        return (self._by_window if using.facts.median_windows else self._by_array)(laid_out)

    def _by_window(self, laid_out: FromClause) -> Select[Any]:
        subscriber, time, value = laid_out.c
        filled = medians.imputed_window(value, self.window_size, subscriber, time)
        return sa.select(subscriber, time, filled.label("value"))

    def _by_array(self, laid_out: FromClause) -> Select[Any]:
        subscriber, time, value = laid_out.c
        times, values = medians.in_order(time, time), medians.numbers_in_order(value, time)
        arrays = (
            sa.select(subscriber, times.label("times"), values.label("numbers"))
            .group_by(subscriber)
            .subquery("arrays")
        )
        numbers = medians.imputed(arrays.c.numbers, self.window_size)
        names = (sa.column("datetime", time.type), sa.column("value", sa.Double))
        filled = sa.func.unnest(arrays.c.times, numbers).table_valued(*names).render_derived("filled")
        return sa.select(arrays.c.subscriber, *filled.c).select_from(arrays.join(filled, sa.true()))
