"""Queries stacked."""

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query


def same_columns(queries: Iterable[Query]) -> tuple[Query, ...]:
    """Return queries that can be stacked.

    Raises
    ------
    ValueError
        Without any, or if their columns differ in name or order.
    """
    given = tuple(queries)
    if not given:
        raise ValueError("A union needs at least one query.")
    names = given[0].column_names
    for other in given[1:]:
        if other.column_names != names:
            raise ValueError(
                f"Queries of a union must have the same columns: {names} is not {other.column_names}."
            )
    return given


def stack(selects: Sequence[Select[Any]], all: bool) -> Select[Any]:
    """Stack selects, with ``all`` of their rows or each different row once."""
    if len(selects) == 1:
        return selects[0]
    stacked = (sa.union_all if all else sa.union)(*selects).subquery("stacked")
    return sa.select(*stacked.c)


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class Union(Query):
    """The rows of several queries. Never stored: what uses it is.

    Parameters
    ----------
    *queries : Query
        With the same columns in the same order.
    all : bool, default True
        Keep every row; otherwise each different row once.

    Notes
    -----
    Columns: those of the queries.

    Raises
    ------
    ValueError
        Without a query, or if their columns differ.

    Warns
    -----
    UserWarning
        For one query with ``all=False``, whose rows stay as they are.
    """

    queries: tuple[Query, ...]
    all: bool
    storable = False

    def __init__(self, *queries: Query, all: bool = True) -> None:
        given = same_columns(queries)
        if len(given) == 1 and not all:
            warnings.warn("Single queries are not deduped by Union.", stacklevel=2)
        self.__attrs_init__(queries=given, all=all)

    def select(self, using: Compilation) -> Select[Any]:
        """Stack the queries."""
        return stack([sa.select(*using(query).c) for query in self.queries], self.all)
