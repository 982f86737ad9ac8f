"""Statistics of values that each stand for several: for so many events, or for so many seconds."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import sql
from flowmachine.core.statistic_types import Statistic


def weighted(statistic: Statistic, rows: FromClause, *keys: str) -> Select[Any]:
    """Select a statistic of the column ``value`` for each group, every row counting ``weight`` times.

    With weights that count events the result is that of the statistic over the events.

    Parameters
    ----------
    statistic : Statistic
        ``median`` is the value in the middle of the weight, and between two values the mean of both;
        ``mode`` the value with the greatest weight, and of several the smallest; ``variance`` and
        ``stddev`` are those of a sample, null up to a weight of 1. ``count`` is the weight.
    rows : FromClause
        With the columns ``value`` and ``weight``, neither ever null, the weight not negative.
    keys : str
        Columns of ``rows`` that name the groups.

    Returns
    -------
    Select
        Columns: the keys, ``value``.
    """
    group = [rows.c[key] for key in keys]
    value, weight = rows.c.value, rows.c.weight
    match statistic:
        case Statistic.MODE:
            return _mode(rows, keys)
        case Statistic.MEDIAN:
            return _median(rows, keys)
        case Statistic.VARIANCE | Statistic.STDDEV:
            return _spread(statistic, rows, keys)
        case Statistic.MIN | Statistic.MAX:
            found = statistic.of(value)
        case Statistic.COUNT:
            found = sa.cast(sa.func.sum(weight), sa.BigInteger)
        case Statistic.SUM:
            found = sa.func.sum(value * weight)
        case Statistic.AVG:
            found = _mean(sa.func.sum(value * weight), sa.func.sum(weight))
    return sa.select(*group, found.label("value")).group_by(*group)


def _mean(total: ColumnElement[Any], weight: ColumnElement[Any]) -> ColumnElement[Any]:
    return total / sa.func.nullif(weight, 0)


def _mode(rows: FromClause, keys: tuple[str, ...]) -> Select[Any]:
    group = [rows.c[key] for key in keys]
    whole = sa.func.sum(rows.c.weight).label("weight")
    totals = sa.select(*group, rows.c.value, whole).group_by(*group, rows.c.value).subquery("totals")
    group = [totals.c[key] for key in keys]
    order = [totals.c.weight.desc(), totals.c.value]
    return sql.first_per(group, order, columns=[*group, totals.c.value])


def _median(rows: FromClause, keys: tuple[str, ...]) -> Select[Any]:
    group = [rows.c[key] for key in keys]
    weight = sa.func.sum(rows.c.weight)
    ranked = sa.select(
        *group,
        rows.c.value,
        weight.over(partition_by=group, order_by=rows.c.value).label("reached"),
        weight.over(partition_by=group).label("whole"),
    ).subquery("ranked")
    group = [ranked.c[key] for key in keys]
    smallest = sa.func.min(ranked.c.value)
    lower = smallest.filter(2 * ranked.c.reached >= ranked.c.whole)
    upper = smallest.filter(2 * ranked.c.reached > ranked.c.whole)
    middle = (sa.cast(lower, sa.Double) + sa.cast(upper, sa.Double)) / 2
    return sa.select(*group, middle.label("value")).group_by(*group)


def _spread(statistic: Statistic, rows: FromClause, keys: tuple[str, ...]) -> Select[Any]:
    # From the deviations: the difference of large squares would lose the digits of a small variance.
    group = [rows.c[key] for key in keys]
    total = sa.func.sum(rows.c.value * rows.c.weight).over(partition_by=group)
    mean = _mean(total, sa.func.sum(rows.c.weight).over(partition_by=group))
    deviations = sa.select(*group, rows.c.weight, (rows.c.value - mean).label("deviation")).subquery(
        "deviations"
    )
    group = [deviations.c[key] for key in keys]
    whole = sa.func.sum(deviations.c.weight)
    squares = sa.func.sum(deviations.c.weight * deviations.c.deviation * deviations.c.deviation)
    variance = sa.case((whole > 1, squares / (whole - 1)))
    found = variance if statistic is Statistic.VARIANCE else sa.func.sqrt(variance)
    return sa.select(*group, found.label("value")).group_by(*group)
