"""How a metric is spread over subscribers."""

import math
import numbers
from collections.abc import Iterable
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.disclosure import CONTRIBUTORS, THRESHOLD_FLOOR, Aggregate
from flowmachine.core.query import Query
from flowmachine.core.release import AllOrNothing, ReleaseRule
from flowmachine.features.utilities.subscribers import number_of_subscribers, one_row_per_subscriber

MOST_BINS = 10_000


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ValueError(f"An edge must be a number, not {value!r}.")
    return float(value)


def _bins(value: Any) -> int | tuple[float, ...]:
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        number = int(value)
        if not 1 <= number <= MOST_BINS:
            raise ValueError(f"A histogram has 1 to {MOST_BINS} bins, not {value}.")
        return number
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise ValueError(f"bins must be a number of bins or a list of edges, not {value!r}.")
    edges = tuple(sorted({_number(edge) for edge in value}))
    if not 2 <= len(edges) <= MOST_BINS + 1:
        raise ValueError(f"Edges must be 2 to {MOST_BINS + 1} different numbers, not {len(edges)}.")
    return edges


def _range(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    if not isinstance(value, tuple) or len(value) != 2:
        raise ValueError(f"range must be a tuple of two numbers, not {value!r}.")
    low, high = sorted(map(_number, value))
    return low, high


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class HistogramAggregation(Aggregate):
    """Number of values of a metric in each of a row of bins.

    A bin contains its lower edge but not its upper edge; the last one contains both. Values outside
    all bins, and nulls, do not count.

    Parameters
    ----------
    metric : Query
        Such as a :class:`~flowmachine.features.subscriber.metaclasses.SubscriberFeature`.
    bins : int or list of float
        The number of bins, of equal width between the least and the greatest value, or between those
        of ``range``; or the edges of the bins, whose order and repetitions do not matter.
    range : tuple of two float, optional
        Where equal bins begin and end. Not used with a list of edges.
    value_column : str, default "value"
        The column of the metric, of numbers.
    censor : bool, default True
        Give one row of nulls, instead of all rows, if any bin has from 1 to 15 subscribers. What is
        exposed is censored in any case. A metric without a column ``subscriber`` says nothing of how
        many are behind a value, and is always censored unless it has none.

    Notes
    -----
    Columns: ``value`` (bigint, number of values), ``lower_edge`` and ``upper_edge`` (numeric). Equal
    bins of a metric without any value have no edges, and no rows.

    Raises
    ------
    ValueError
        For a column that does not exist, or bins or a range that cannot be used.
    """

    metric: Query
    bins: int | tuple[float, ...]
    range: tuple[float, float] | None
    value_column: str
    censor: bool

    def __init__(
        self,
        *,
        metric: Query,
        bins: Any,
        range: tuple[float, float] | None = None,
        value_column: str = "value",
        censor: bool = True,
    ) -> None:
        require_columns(metric, value_column)
        edges, span = _bins(bins), _range(range)
        self.__attrs_init__(
            metric=metric,
            bins=edges,
            range=span if isinstance(edges, int) else None,
            value_column=value_column,
            censor=bool(censor),
        )

    @property
    def release_rule(self) -> ReleaseRule:
        """The bins complete each other to all subscribers: all are released, or nothing."""
        return AllOrNothing()

    def select(self, using: Compilation) -> Select[Any]:
        """Return the bins, censored if that is asked for."""
        return self.select_released(using, THRESHOLD_FLOOR) if self.censor else super().select(using)

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Look up the bin of each value, count, and put zero where nothing was found."""
        rows = using(self.metric)
        value = sa.cast(rows.c[self.value_column], sa.Numeric)
        edges = self._edges(rows, value).cte()
        upper = sa.func.lead(edges.c.edge, type_=sa.Numeric()).over(order_by=edges.c.position)
        bins = sa.select(edges.c.position, edges.c.edge.label("lower_edge"), upper.label("upper_edge"))
        counts, row_of = self._counts(rows, value, edges), bins.subquery("bins")
        return (
            sa.select(
                sa.func.coalesce(counts.c["count"], 0, type_=sa.BigInteger).label("value"),
                row_of.c.lower_edge,
                row_of.c.upper_edge,
                sa.func.coalesce(counts.c[CONTRIBUTORS], 0, type_=sa.BigInteger).label(CONTRIBUTORS),
            )
            .select_from(row_of.join(counts, counts.c.position == row_of.c.position, isouter=True))
            .where(row_of.c.upper_edge.is_not(None))
            .order_by(row_of.c.position)
        )

    @property
    def _number_of_bins(self) -> int:
        return self.bins if isinstance(self.bins, int) else len(self.bins) - 1

    def _edges(self, rows: FromClause, value: sa.ColumnElement[Any]) -> Select[Any]:
        """Select the edges, and their positions from 1 on."""
        if not isinstance(self.bins, int):
            columns = (sa.column("position", sa.Integer), sa.column("given", sa.Double))
            listed = sa.values(*columns, name="listed").data([*enumerate(self.bins, 1)])
            return sa.select(listed.c.position, sa.cast(listed.c.given, sa.Numeric).label("edge"))
        if self.range is None:
            span = sa.select(sa.func.min(value).label("low"), sa.func.max(value).label("high"))
            ends = span.select_from(rows).subquery("ends")
        else:
            low, high = (sa.cast(sa.literal(end, sa.Double), sa.Numeric) for end in self.range)
            ends = sa.select(low.label("low"), high.label("high")).subquery("ends")
        numbered = sql.whole_numbers(1, self.bins + 1)
        # The product first, so that edges that have an exact value get it.
        edge = ends.c.low + (ends.c.high - ends.c.low) * (numbered.c.number - 1) / self.bins
        return sa.select(numbered.c.number.label("position"), edge.label("edge")).select_from(
            ends.join(numbered, sa.true())
        )

    def _counts(self, rows: FromClause, value: sa.ColumnElement[Any], edges: FromClause) -> FromClause:
        found = sql.position_among(value, edges.c.edge, edges.c.position)
        last = sa.select(sa.func.max(edges.c.edge)).scalar_subquery()
        position = sa.func.least(found, self._number_of_bins, type_=sa.Integer())
        known = "subscriber" in rows.c
        inside = (
            sa.select(position.label("position"), *([rows.c.subscriber] if known else []))
            .where(value <= last)
            .subquery("inside")
        )
        people: sa.ColumnElement[Any] = sa.literal(1)
        if known:
            people = number_of_subscribers(inside.c.subscriber, once=one_row_per_subscriber(self.metric))
        return (
            sa.select(inside.c.position, sa.func.count().label("count"), people.label(CONTRIBUTORS))
            .group_by(inside.c.position)
            .subquery("counts")
        )
