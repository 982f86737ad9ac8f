"""Queries stacked, with a label for the rows of each."""

from collections.abc import Sequence
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query
from flowmachine.core.union import same_columns, stack


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class UnionWithFixedValues(Query):
    """The rows of several queries, with a column that says which they are from.

    Parameters
    ----------
    queries : list of Query
        With the same columns in the same order.
    fixed_value : list
        A label for each query, in their order, all of one type: text, numbers, booleans.
    fixed_value_column_name : str
    all : bool, default True
        Keep every row; otherwise each different row once.

    Notes
    -----
    Columns: those of the queries, then the one for the labels.

    Raises
    ------
    ValueError
        Without a query; if columns differ; without a label for each query; if labels are of
        several types; if the queries have a column of that name.
    """

    queries: tuple[Query, ...]
    fixed_value: tuple[Any, ...]
    fixed_value_column_name: str
    all: bool

    def __init__(
        self,
        queries: Sequence[Query],
        fixed_value: Sequence[Any],
        fixed_value_column_name: str,
        all: bool = True,
    ) -> None:
        given, labels = same_columns(queries), tuple(fixed_value)
        if len(labels) != len(given):
            raise ValueError(f"A union of {len(given)} queries needs as many values, not {len(labels)}.")
        kinds = {type(label) for label in labels}
        if len(kinds) > 1:
            raise ValueError(
                f"Values must be of one type, not {', '.join(sorted(k.__name__ for k in kinds))}."
            )
        if fixed_value_column_name in given[0].column_names:
            raise ValueError(f"The queries have a column {fixed_value_column_name!r} already.")
        self.__attrs_init__(
            queries=given, fixed_value=labels, fixed_value_column_name=fixed_value_column_name, all=all
        )

    def select(self, using: Compilation) -> Select[Any]:
        """Stack the queries, each with its label."""
        selects = []
        for query, label in zip(self.queries, self.fixed_value, strict=True):
            value = sa.literal(label)
            # Text without a type would be of no type at all in the table.
            typed = sa.cast(value, sa.Text) if isinstance(label, str) else value
            selects.append(sa.select(*using(query).c, typed.label(self.fixed_value_column_name)))
        return stack(selects, self.all)
