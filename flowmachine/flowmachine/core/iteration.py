"""Iterating over a query without counting its rows first.

``list(query)`` asks for an iterator and then, as a hint of how much room to make, for the length: at
once, from the very same instruction of the same frame. That is how it is told from ``len(query)``,
which has to be exact, and so runs a statement of its own.
"""

import sys
import threading
import weakref
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowmachine.core.query import Query

_latest = threading.local()
"""The iterator that this thread asked for last."""


class Rows(Iterator[tuple[Any, ...]]):
    """The rows of a query, one by one; nothing is run before the first is asked for.

    Parameters
    ----------
    query : Query
    rows : iterator of tuple
    """

    def __init__(self, query: "Query", rows: Iterator[tuple[Any, ...]]) -> None:
        self.query = query
        self._rows = rows
        caller = sys._getframe(2)
        self.asked_for_by: tuple[FrameType, int] | None = (caller, caller.f_lasti)
        _latest.rows = weakref.ref(self)

    def __next__(self) -> tuple[Any, ...]:
        self.asked_for_by = None  # and lets go of the frame
        return next(self._rows)


def asked_by_the_one_who_iterates(query: object) -> bool:
    """Tell whether the caller's caller has, by the same instruction, just asked for the query's iterator."""
    latest = getattr(_latest, "rows", None)
    rows: Rows | None = latest() if latest is not None else None
    if rows is None or rows.query is not query or rows.asked_for_by is None:
        return False
    frame, instruction = rows.asked_for_by
    caller = sys._getframe(2)
    return caller is frame and caller.f_lasti == instruction
