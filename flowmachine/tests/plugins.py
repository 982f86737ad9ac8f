"""A query class from outside FlowMachine."""

from collections.abc import Mapping
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query


@attrs.frozen(eq=False, slots=False, repr=False)
class Held(Query):
    """The subscribers of queries that are held in a mapping and a set."""

    by_name: Mapping[str, Query]
    chosen: frozenset[Query]

    def select(self, using: Compilation) -> Select[Any]:
        """Stack the subscribers."""
        held = [*self.by_name.values(), *sorted(self.chosen, key=lambda query: query.query_id)]
        stacked = sa.union(*(sa.select(using(query).c.subscriber) for query in held)).subquery("stacked")
        return sa.select(stacked.c.subscriber)
