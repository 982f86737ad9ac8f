"""The locks of FlowDB that processes agree on, and how to tell why one could not be had."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection
from sqlalchemy.exc import DBAPIError

_PINS = 0x464D  # first of the two keys of a pin; locks with one key are those of makers and pruning
PRUNING = 0x464D5052554E45
"""Held by the one process that prunes."""

_UNDEFINED_TABLE = "42P01"
_DEADLOCK = "40P01"
_LOCK_NOT_AVAILABLE = "55P03"
_FOREIGN_KEY = "23503"
_CANCELLED = "57014"


def make_lock(query_id: str, *, wait: bool = True) -> ColumnElement[Any]:
    """Return the call that takes, until the transaction ends, the lock of who makes or resets a result."""
    key = sa.literal(int(query_id[:15], 16), sa.BigInteger)
    return sa.func.pg_advisory_xact_lock(key) if wait else sa.func.pg_try_advisory_xact_lock(key)


def pin_keys(query_id: str) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the keys of the lock that pins a result.

    Two results may share one: then both are kept while either is pinned.
    """
    return sa.literal(_PINS, sa.Integer), sa.literal(int(query_id[:7], 16), sa.Integer)


def try_pin_exclusively(connection: Connection, query_id: str) -> bool:
    """Take a result's pin for this transaction alone; false if somebody has pinned it."""
    return bool(
        connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(*pin_keys(query_id)))).scalar_one()
    )


def _code(error: DBAPIError) -> str | None:
    return getattr(error.orig, "pgcode", None)


def lacks_table(error: DBAPIError) -> bool:
    """Tell whether a statement named a table that is not there."""
    return _code(error) == _UNDEFINED_TABLE


def cannot_lock(error: DBAPIError) -> bool:
    """Tell whether a table is in use by others."""
    return _code(error) == _LOCK_NOT_AVAILABLE


def gone_or_deadlocked(error: DBAPIError) -> bool:
    """Tell whether a table had gone, or two processes waited for each other: to try again may help."""
    return _code(error) in (_UNDEFINED_TABLE, _DEADLOCK, _FOREIGN_KEY)


def was_cancelled(error: DBAPIError) -> bool:
    """Tell whether the statement was cancelled, or ran into a time-out."""
    return _code(error) == _CANCELLED
