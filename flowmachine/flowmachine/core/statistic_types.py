"""Statistics over groups of rows, by name."""

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import aggregate_order_by

from flowmachine.core import sql


def _column(name: str) -> ColumnElement[Any]:
    """Return the column of a ``column`` or ``table.column`` name, each part quoted as an identifier."""
    table, _, column = name.strip().rpartition(".")
    return sql.qualified_table(table, sa.column(column)).c[column] if table else sa.column(column)


class _Aggregate(StrEnum):
    """A named aggregate; formatting one with a column gives its SQL, otherwise its name."""

    def of(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the aggregate of a column."""
        match self.value:
            case "mode":
                return sa.func.pg_catalog.mode().within_group(column)
            case "median":
                return sa.func.percentile_cont(0.5).within_group(column)
            case "array":
                return sa.func.array_agg(aggregate_order_by(column, column))
            case "array desc":
                return sa.func.array_agg(aggregate_order_by(column, column.desc()))
        return getattr(sa.func, self.value)(column)

    def __format__(self, column: str) -> str:
        return sql.render(self.of(_column(column))) if column.strip() else str(self)


class Statistic(_Aggregate):
    """Statistics of numbers.

    Examples
    --------
    >>> f"{Statistic('avg'):calls.duration}"
    'avg(calls.duration)'
    >>> f"{Statistic.MEDIAN}"
    'median'
    """

    COUNT = "count"
    SUM = "sum"
    AVG = "avg"
    MAX = "max"
    MIN = "min"
    MEDIAN = "median"
    STDDEV = "stddev"
    VARIANCE = "variance"
    MODE = "mode"


class StringAggregate(_Aggregate):
    """Aggregates of text; arrays are ordered by value.

    Examples
    --------
    >>> f"{StringAggregate.ARRAY_DESC:name}"
    'array_agg(name ORDER BY name DESC)'
    """

    COUNT = "count"
    MODE = "mode"
    ARRAY = "array"
    ARRAY_DESC = "array desc"
