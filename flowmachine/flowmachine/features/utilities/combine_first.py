"""Values of one query, and of another where it has none."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import columns_given
from flowmachine.core.errors import MissingColumnsError
from flowmachine.core.query import Query


def require_all_columns(queries: tuple[Query, ...], *columns: str) -> None:
    """Raise unless each of some queries has the columns.

    Raises
    ------
    MissingColumnsError
        Naming the queries' classes and the columns that they lack.
    """
    missing = {query: [name for name in columns if name not in query.column_names] for query in queries}
    if lacking := [query for query, names in missing.items() if names]:
        names = sorted({name for query in lacking for name in missing[query]})
        raise MissingColumnsError([type(query).__name__ for query in lacking], names)


def _sorted_columns(value: Any) -> tuple[str, ...]:
    return tuple(sorted(set(columns_given(value))))


@attrs.frozen(eq=False, slots=False, repr=False)
class CombineFirst(Query):
    """The values of a first query, and where it has none those of another.

    Parameters
    ----------
    first_query, other_query : Query
    join_columns : str or list of str
        Columns of both that say which rows belong together.
    combine_columns : str or list of str
        Columns of both with the values; each is combined by itself.

    Notes
    -----
    Columns: those of the join in alphabetical order, then those combined in alphabetical order. A row of
    either query that has no partner in the other is kept. Rows without a value (null) in a join column have
    no partner.

    Raises
    ------
    ValueError
        For a column in both lists, or without any in one of them.
    MissingColumnsError
        If a query lacks one of the columns.
    """

    first_query: Query = attrs.field(kw_only=True, validator=attrs.validators.instance_of(Query))
    other_query: Query = attrs.field(kw_only=True, validator=attrs.validators.instance_of(Query))
    join_columns: tuple[str, ...] = attrs.field(kw_only=True, converter=_sorted_columns)
    combine_columns: tuple[str, ...] = attrs.field(kw_only=True, converter=_sorted_columns)

    def __attrs_post_init__(self) -> None:
        if not self.join_columns or not self.combine_columns:
            raise ValueError("Give at least one column to join, and one to combine.")
        if both := set(self.join_columns) & set(self.combine_columns):
            raise ValueError(f"{', '.join(sorted(both))} cannot be both a join column and a combine column.")
        require_all_columns((self.first_query, self.other_query), *self.join_columns, *self.combine_columns)

    def select(self, using: Compilation) -> Select[Any]:
        """Join the two, keeping the rows of both."""
        # Two names even for one relation.
        first, other = using(self.first_query).alias(), using(self.other_query).alias()
        same = sa.and_(*(first.c[name] == other.c[name] for name in self.join_columns))
        columns = [
            sa.func.coalesce(first.c[name], other.c[name], type_=first.c[name].type).label(name)
            for name in (*self.join_columns, *self.combine_columns)
        ]
        return sa.select(*columns).select_from(first.join(other, same, full=True))
