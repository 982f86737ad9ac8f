"""Which subscribers a query is about."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from flowmachine.core.compilation import CACHE_SCHEMA, Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query

SubscriberSubset: TypeAlias = "tuple[str, ...] | Query | None"


def subscriber_subset(value: Any) -> SubscriberSubset:
    """Normalise what users may give as a subset of subscribers.

    Parameters
    ----------
    value : None, "all", str, iterable of str, or Query
        None or ``"all"`` is everybody; a string is one identifier; an iterable (list, array, series)
        is a set of identifiers, whose order and repetitions do not matter; a query must have a
        column ``subscriber``, and a subscriber repeated there counts once.

    Raises
    ------
    ValueError
        For anything else.
    """
    value = getattr(value, "subset", value) if not isinstance(value, Query) else value  # of a subsetter
    if value is None or (isinstance(value, str) and value == "all"):
        return None
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Query):
        if "subscriber" not in value.column_names:
            raise ValueError("A query used as a subscriber subset must have a column named 'subscriber'.")
        return value
    if isinstance(value, Iterable):
        identifiers = tuple(value)
        if all(isinstance(item, str) for item in identifiers):
            return tuple(sorted(set(identifiers)))
    raise ValueError(
        f"A subscriber subset is None, identifiers as text, or a query, not a {type(value).__name__}."
    )


def restrict(
    subset: SubscriberSubset, subscriber: ColumnElement[Any], using: Compilation
) -> list[ColumnElement[bool]]:
    """Return the conditions that keep the rows of a subset's subscribers."""
    if subset is None:
        return []
    if isinstance(subset, Query):
        return [subscriber.in_(sa.select(using(subset).c.subscriber))]
    return [subscriber.in_(subset)] if subset else [sa.false()]


@attrs.frozen(eq=False, slots=False, repr=False)
class StoredSubscribers(Query):
    """The subscribers of a stored query that is known by its id alone.

    Parameters
    ----------
    stored_id : str
        Id of a query whose table is in the cache and has a column ``subscriber``.
    """

    stored_id: str = attrs.field()
    storable = False

    @property
    def stored_candidates(self) -> tuple[str, ...]:
        """The stored query that is meant."""
        return (self.stored_id,)

    @property
    def tables(self) -> tuple[str, ...]:
        """The table of the stored query."""
        return (f"{CACHE_SCHEMA}.x{self.stored_id}",)

    def select(self, using: Compilation) -> Select[Any]:
        """Return the column ``subscriber`` (text)."""
        table = sa.table(f"x{self.stored_id}", sa.column("subscriber", sa.Text), schema=CACHE_SCHEMA)
        using.reads.add(self.stored_id)
        return sa.select(table.c.subscriber).distinct()

    def check(self, facts: Facts) -> None:
        """Refuse an id that is not stored, or whose result is not about subscribers."""
        if self.stored_id not in facts.stored:
            raise ValueError("subscriber_subset: Must be None or a valid query id.")
        facts.require_columns(*self.tables, "subscriber")
