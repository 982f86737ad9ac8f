"""Series freed of short excursions."""

from collections.abc import Sequence
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from flowmachine.core import medians
from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.query import Query


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class IterativeMedianFilter(Query):
    """A query's rows, one column replaced by its running median, again and again until nothing changes.

    Each value becomes the median of the values around it; beyond both ends of a series there are zeros,
    so that the ends of a series of positive values only ever fall.

    Parameters
    ----------
    query_to_filter : Query
    filter_window_size : int
        How many values a median is of: odd, at least 3.
    column_to_filter : str, default "value"
        A column of numbers. A null in it is an error when the query runs: impute it before, or leave
        the row out.
    partition_column : str or None, default "subscriber"
        Rows with the same value here, null among them, are one series; with None all rows are one.
    order_column : str or None, default "datetime"
        The order within a series. Rows that are equal here, or all with None, are in the order of the
        column that is filtered, then in that of the others as text.

    Notes
    -----
    Columns: those of the query but the filtered one, then the filtered one (double precision).

    Raises
    ------
    ValueError
        For another window, or columns that the query does not have.
    """

    query_to_filter: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    filter_window_size: int = attrs.field(validator=medians.window_size)
    column_to_filter: str = "value"
    partition_column: str | None = "subscriber"
    order_column: str | None = "datetime"

    def __attrs_post_init__(self) -> None:
        named = (self.column_to_filter, self.partition_column, self.order_column)
        require_columns(self.query_to_filter, *(name for name in named if name is not None))

    def select(self, using: Compilation) -> Select[Any]:
        """Put each series in order, and filter it in one go."""
        rows = using(self.query_to_filter)
        kept = [column for column in rows.c if column.name != self.column_to_filter]
        value = rows.c[self.column_to_filter]
        ranks = [column for column in kept if column.name not in (self.partition_column, self.order_column)]
        order: list[ColumnElement[Any]] = [value, *([medians.as_text(*ranks)] if ranks else [])]
        if self.order_column is not None:
            order.insert(0, rows.c[self.order_column])
        part = [rows.c[self.partition_column]] if self.partition_column is not None else []
        if using.facts.median_windows:
            found = medians.filtered_window(value, self.filter_window_size, part or None, order)
            return sa.select(*kept, found.label(self.column_to_filter))
        series = medians.as_text(*part)
        number = sa.func.row_number().over(partition_by=series, order_by=order)
        numbered = sa.select(
            *kept, value.label("_value"), series.label("_series"), number.label("_number")
        ).cte(f"numbered_{self.query_id[:8]}")
        return self._by_array(numbered, [column.name for column in kept])

    def _by_array(self, numbered: sa.CTE, kept: Sequence[str]) -> Select[Any]:
        series, number = numbered.c["_series"], numbered.c["_number"]
        numbers = medians.numbers_in_order(numbered.c["_value"], number).label("numbers")
        arrays = sa.select(series, numbers).group_by(series).subquery("arrays")
        filtered = (
            sa.func.unnest(medians.filtered(arrays.c.numbers, self.filter_window_size))
            .table_valued(sa.column("value", sa.Double), with_ordinality="number")
            .render_derived("filtered")
        )
        same = (series == arrays.c["_series"]) & (number == filtered.c.number)
        source = numbered.join(arrays.join(filtered, sa.true()), same)
        columns = [numbered.c[name] for name in kept]
        return sa.select(*columns, filtered.c.value.label(self.column_to_filter)).select_from(source)
