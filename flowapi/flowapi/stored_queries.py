"""Queries that FlowMachine knows by id, remembered so that each poll need not ask for them again."""

from collections import OrderedDict
from dataclasses import dataclass

DEFAULT_SIZE = 4096


@dataclass(frozen=True)
class StoredQuery:
    """What a query with an id needs: an id stands for one spec for ever, so this never changes."""

    query_id: str
    scopes: frozenset[str]


class StoredQueries:
    """The most recently used queries.

    Parameters
    ----------
    size
        How many to remember.
    """

    def __init__(self, size: int = DEFAULT_SIZE) -> None:
        self._size = size
        self._queries: OrderedDict[str, StoredQuery] = OrderedDict()

    def get(self, query_id: str) -> StoredQuery | None:
        """Return a query if it is remembered."""
        query = self._queries.get(query_id)
        if query is not None:
            self._queries.move_to_end(query_id)
        return query

    def remember(self, query: StoredQuery) -> None:
        """Remember a query, and forget the one not used for longest if there are too many."""
        self._queries[query.query_id] = query
        self._queries.move_to_end(query.query_id)
        while len(self._queries) > self._size:
            self._queries.popitem(last=False)
