"""Counting the subscribers behind rows."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql.functions import Function

from flowmachine.core.query import Query


def one_row_per_subscriber(*queries: Query) -> bool:
    """Tell whether each of the queries is known to have at most one row for each subscriber."""
    return all(getattr(query, "one_row_per_subscriber", False) for query in queries)


def number_of_subscribers(subscriber: ColumnElement[Any], *, once: bool) -> Function[int]:
    """Return the number of different subscribers of a group of rows; ``once``: none has two of them.

    Counting different values sorts each group; counting rows does not.
    """
    return sa.func.count() if once else sa.func.count(sa.distinct(subscriber))
