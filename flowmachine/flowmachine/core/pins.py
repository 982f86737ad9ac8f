"""Pins: results that were handed out by name are kept until their reader has had time to begin."""

import threading
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from flowmachine.core.locks import pin_keys


class Pins:
    """The results that this process has handed out a short while ago.

    A pin is a shared advisory lock of one session, so it goes with the process whatever becomes of it.

    Parameters
    ----------
    engine : sqlalchemy.Engine
    grace : float, default 180
        Seconds for which a result is pinned: longer than FlowAPI waits for a connection to FlowDB.
    """

    def __init__(self, engine: Engine, *, grace: float = 180) -> None:
        self._engine = engine
        self._grace = grace
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}
        self._session: sa.Connection | None = None
        self._timer: threading.Timer | None = None
        self._closed = False

    def hold(self, query_id: str) -> None:
        """Pin a result, stored or not, from now on; waits while it is being evicted."""
        with self._lock:
            new = query_id not in self._until
            self._until[query_id] = time.monotonic() + self._grace
            try:
                if self._session is not None and new:
                    self._call(self._session, sa.func.pg_advisory_lock_shared, [query_id])
                elif self._session is not None:
                    self._session.execute(sa.select(1))  # a pin is worth what its session is
            except DBAPIError:  # the session has ended, and every pin with it
                self._forget_session()
            if self._session is None:
                session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                self._call(session, sa.func.pg_advisory_lock_shared, list(self._until))
                self._session = session
            if self._timer is None and not self._closed:
                self._start_timer(self._grace)

    @staticmethod
    def _call(session: sa.Connection, function: Any, ids: list[str]) -> None:
        for query_id in ids:
            session.execute(sa.select(function(*pin_keys(query_id))))

    def _forget_session(self) -> None:
        if self._session is not None:
            self._session.invalidate()
            self._session.close()
            self._session = None

    def _start_timer(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._let_go)
        self._timer.daemon = True
        self._timer.start()

    def _let_go(self) -> None:
        with self._lock:
            self._timer = None
            now = time.monotonic()
            over = [query_id for query_id, until in self._until.items() if until <= now]
            try:
                if self._session is not None:
                    self._call(self._session, sa.func.pg_advisory_unlock_shared, over)
            except DBAPIError:
                self._forget_session()
            for query_id in over:
                del self._until[query_id]
            if self._until and not self._closed:
                self._start_timer(max(min(self._until.values()) - now, 1))

    def close(self) -> None:
        """Let go of everything: the session ends."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
            self._forget_session()
