"""How the queries of one statement refer to each other.

A query writes its select once, asking for each input with ``using(input)``. What it gets is the
stored table where there is one, else a common table expression; an input asked for twice in the
same statement is the same expression, so the work is done once.
"""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core.facts import Facts

if TYPE_CHECKING:
    from flowmachine.core.query import Query

CACHE_SCHEMA = "cache"


def stored_table(query: "Query") -> sa.TableClause:
    """Return the table that holds the stored result of a query."""
    columns = [sa.column(name, type_) for name, type_ in query.columns]
    return sa.table(query.table_name, *columns, schema=CACHE_SCHEMA)


def _readable_name(query: "Query") -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(query).__name__).lower()
    return f"{words}_{query.query_id[:8]}"


class Compilation:
    """One statement in the making: which inputs are stored, and which are already written.

    Parameters
    ----------
    facts : Facts
        The snapshot of FlowDB that the statement is made for.
    stored : collection of str
        Ids of the queries whose result tables may be read.
    """

    def __init__(self, facts: Facts, stored: Collection[str] = ()) -> None:
        self.facts = facts
        self._stored = stored
        self._relations: dict[str, FromClause] = {}
        self.reads: set[str] = set()

    def __call__(self, query: "Query") -> FromClause:
        """Return the relation that holds the rows of an input."""
        relation = self._relations.get(query.query_id)
        if relation is None:
            relation = self._relations[query.query_id] = self._relation(query)
        return relation

    def _relation(self, query: "Query") -> FromClause:
        if query.query_id in self._stored:
            self.reads.add(query.query_id)
            return stored_table(query)
        in_place = query.table_in_place
        if in_place is not None:
            return in_place
        return query.select(self).cte(_readable_name(query))


class _Outline(Compilation):
    """A compilation in which every input is a table, for reading a query's columns off its select."""

    def _relation(self, query: "Query") -> FromClause:
        return stored_table(query)


def outline(query: "Query") -> Select[Any]:
    """Return the select of one query with its inputs as tables; touches no database."""
    return query.select(_Outline(Facts()))
