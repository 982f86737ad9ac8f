"""The different values that some queries have."""

from collections.abc import Iterable
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import columns_given
from flowmachine.core.query import Query
from flowmachine.features.utilities.combine_first import require_all_columns


def _queries(value: Query | Iterable[Query]) -> tuple[Query, ...]:
    given = (value,) if isinstance(value, Query) else tuple(value)
    if not given or not all(isinstance(query, Query) for query in given):
        raise ValueError("query_list must be a query, or a list of at least one.")
    return tuple(sorted(set(given), key=lambda query: query.query_id))


def _names(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(columns_given(value)))


@attrs.frozen(eq=False, slots=False, repr=False)
class UniqueValuesFromQueries(Query):
    """The different combinations of values that some columns have in any of some queries.

    Parameters
    ----------
    query_list : Query or list of Query
        Their order and repetitions do not matter.
    column_names : str or list of str
        Columns that all of them have.

    Notes
    -----
    Columns: those named, in that order. Missing values (null) are equal to each other.

    Raises
    ------
    ValueError
        Without a query or a column.
    MissingColumnsError
        If a query lacks a column.
    """

    query_list: tuple[Query, ...] = attrs.field(kw_only=True, converter=_queries)
    names: tuple[str, ...] = attrs.field(kw_only=True, alias="column_names", converter=_names)

    def __attrs_post_init__(self) -> None:
        if not self.names:
            raise ValueError("Name at least one column.")
        require_all_columns(self.query_list, *self.names)

    def select(self, using: Compilation) -> Select[Any]:
        """Stack the queries' columns, and take each combination once."""
        selects = [sa.select(*(using(query).c[name] for name in self.names)) for query in self.query_list]
        if len(selects) == 1:
            return selects[0].distinct()
        stacked = sa.union(*selects).subquery("stacked")
        return sa.select(*stacked.c)
