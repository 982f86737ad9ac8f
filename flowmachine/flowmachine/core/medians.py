"""FlowDB's median filters: over arrays, which are always there, and as the window functions of an extension.

Both give the same; see :attr:`flowmachine.core.facts.Facts.median_windows`.
"""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

_NUMBERS: ARRAY[float] = ARRAY(sa.Double())


def window_size(_: Any, field: "attrs.Attribute[Any]", value: Any) -> None:
    """Refuse, as a validator, a window that has no middle or no neighbours.

    Raises
    ------
    ValueError
        Unless the value is an odd whole number of at least 3.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 3 or value % 2 == 0:
        raise ValueError(f"{field.name} must be an odd number of at least 3, not {value!r}.")


def in_order(values: ColumnElement[Any], *order: Any) -> ColumnElement[Any]:
    """Aggregate values into an array, in an order."""
    return sa.func.array_agg(aggregate_order_by(values, *order), type_=ARRAY(values.type))


def numbers_in_order(values: ColumnElement[Any], *order: Any) -> ColumnElement[Any]:
    """Aggregate numbers of any type into what the filters take, in an order."""
    return in_order(sa.cast(values, sa.Double), *order)


def imputed(series: ColumnElement[Any], size: int) -> ColumnElement[Any]:
    """Return a series whose gaps are the median of the last ``size`` values before each.

    Gaps before ``size`` values are known are the median of the first ``size``.
    """
    return sa.func.public.rolling_median_impute(series, size, type_=_NUMBERS)


def filtered(series: ColumnElement[Any], size: int) -> ColumnElement[Any]:
    """Return a series as the running median of ``size`` values leaves it once nothing changes any more.

    Beyond both ends there are zeros.
    """
    return sa.func.public.iterated_median_filter(series, size, type_=_NUMBERS)


def imputed_window(
    values: ColumnElement[Any], size: int, partition_by: Any, order_by: Any
) -> ColumnElement[Any]:
    """Return what :func:`imputed` makes of the values, row by row."""
    numbers = sa.cast(values, sa.Double)
    return sa.func.rolling_median_impute(numbers, size, type_=sa.Double).over(
        partition_by=partition_by, order_by=order_by
    )


def filtered_window(
    values: ColumnElement[Any], size: int, partition_by: Any, order_by: Any
) -> ColumnElement[Any]:
    """Return what :func:`filtered` makes of the values, row by row."""
    numbers = sa.cast(values, sa.Double)
    return sa.func.iterated_median_filter(numbers, size, type_=sa.Double).over(
        partition_by=partition_by, order_by=order_by
    )


def as_text(*columns: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return values as one text, never null and the same for the same values only."""
    return sa.cast(sa.func.row(*columns), sa.Text)
