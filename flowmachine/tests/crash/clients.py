"""Those who use FlowMachine meanwhile: they submit, poll, read, cancel, and make room in the cache."""

import datetime as dt
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import redis
import sqlalchemy as sa
import zmq

from flowmachine.core import cache
from flowmachine.core.connect import make_engine
from flowmachine.core.errors import QueryResetFailedError, UnknownQueryError
from tests.crash.probe import Probe, as_texts
from tests.crash.services import Services
from tests.crash.specs import Expected

SECONDS_TO_AN_END = 60
_ANSWER_MS = 5000
_ENDS = ("completed", "errored", "cancelled")


def say(line: str) -> None:
    """Write a line at once, for whoever watches."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@attrs.define
class Findings:
    """What all of them saw: counts, the slowest way to an end, why queries errored, and violations."""

    counts: Counter[str] = attrs.Factory(Counter)
    causes: Counter[str] = attrs.Factory(Counter)
    slowest: float = 0
    violations: list[str] = attrs.Factory(list)
    _lock: threading.Lock = attrs.Factory(threading.Lock)

    def count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def ended(self, state: str, seconds: float, cause: str = "") -> None:
        with self._lock:
            self.counts[state] += 1
            self.slowest = max(self.slowest, seconds)
            if cause:
                self.causes[cause] += 1

    def violated(self, what: str) -> None:
        with self._lock:
            self.violations.append(what)
        say(f"VIOLATION {dt.datetime.now(dt.UTC):%H:%M:%S} {what}")


@attrs.define
class Round:
    """A burst of submissions around one kill or two, and what may happen because of them.

    Attributes
    ----------
    last_kill : float
        When, by the monotonic clock, the latest kill was; queries have a minute from then on.
    errors_expected : bool
        Whether PostgreSQL is killed, so that statements end in errors.
    accepted, cancelled : list of str, set of str
        Ids that were accepted, and of them those that somebody asked to cancel.
    """

    number: int
    errors_expected: bool
    last_kill: float = attrs.Factory(time.monotonic)
    accepted: list[str] = attrs.Factory(list)
    cancelled: set[str] = attrs.Factory(set)
    over: threading.Event = attrs.Factory(threading.Event)


@attrs.frozen
class Accepted:
    """A query that a server has promised to run."""

    query_id: str
    sent: dt.datetime
    at: float


class Client:
    """Submits and polls at whichever server it happens to ask."""

    def __init__(
        self, services: Services, expected: Expected, probe: Probe, findings: Findings, source: random.Random
    ) -> None:
        self._services = services
        self._expected = expected
        self._probe = probe
        self._findings = findings
        self._source = source
        self._database = services.engine("flowapi")

    def ask(self, action: str, server: int | None = None, **params: Any) -> dict[str, Any] | None:
        """Return the reply of a server, or None if none came."""
        servers = self._services.servers
        address = (self._source.choice(servers) if server is None else servers[server]).address
        with zmq.Context.instance().socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(address)
            socket.send_json({"action": action, "request_id": "crash", "params": params})
            return json.loads(socket.recv()) if socket.poll(_ANSWER_MS) else None

    def work(self, round_: Round, number: int, shrinker: "Shrinker") -> None:
        """Submit some queries and see each of them to its end."""
        waiting: list[Accepted] = []
        for _ in range(number):
            accepted = self._submit()
            if accepted is not None:
                waiting.append(accepted)
                round_.accepted.append(accepted.query_id)
            time.sleep(self._source.random() * 0.2)
        while waiting:
            for query in list(waiting):
                if self._has_ended(query, round_, shrinker):
                    waiting.remove(query)
            time.sleep(0.05)

    def _submit(self) -> Accepted | None:
        self._findings.count("submitted")
        sent = dt.datetime.now(dt.UTC)
        reply = self.ask("run_query", **self._source.choice(self._expected.specs))
        if reply is None or reply["status"] != "success":
            self._findings.count("not accepted")
            return None
        self._findings.count("accepted")
        return Accepted(reply["payload"]["query_id"], sent, time.monotonic())

    def _has_ended(self, query: Accepted, round_: Round, shrinker: "Shrinker") -> bool:
        reply = self.ask("poll_query", query_id=query.query_id)
        payload = {} if reply is None else reply["payload"]
        state = payload.get("query_state")
        seconds = time.monotonic() - query.at
        if state in _ENDS:
            self._note_end(query, round_, state, seconds, payload.get("error", ""))
            if state == "completed" and self._source.random() < 0.6:
                self._read(query.query_id, shrinker)
            return True
        if state == "known" and self._was_dropped(query):
            self._findings.ended("completed, then dropped", seconds)
            return True
        if time.monotonic() > max(query.at, round_.last_kill) + SECONDS_TO_AN_END:
            self._findings.violated(
                f"round {round_.number}: {query.query_id} has not ended in time; the last reply was {reply}"
            )
            return True
        return False

    def _note_end(self, query: Accepted, round_: Round, state: str, seconds: float, cause: str) -> None:
        self._findings.ended(state, seconds, cause)
        if state == "errored" and not round_.errors_expected:
            self._findings.violated(f"round {round_.number}: {query.query_id} errored: {cause}")
        if state == "cancelled" and query.query_id not in round_.cancelled:
            self._findings.violated(f"round {round_.number}: {query.query_id} was cancelled by nobody")

    def _was_dropped(self, query: Accepted) -> bool:
        """Tell whether the result was stored and dropped since: then the query is rightly only known."""
        try:
            return self._probe.dropped_since(query.query_id, query.sent)
        except sa.exc.OperationalError:
            return False

    def _read(self, query_id: str, shrinker: "Shrinker") -> None:
        """Read a result as FlowAPI does.

        It must be whole, and it must be there unless its pin died with a session or it was invalidated.
        """
        before = self._services.pins_lost, shrinker.invalidated
        reply = self.ask("get_sql_for_query_result", query_id=query_id)
        if reply is None or reply["status"] != "success":
            return
        time.sleep(self._source.random() * 0.1)
        try:
            with self._database.connect() as connection:
                rows = as_texts(connection.exec_driver_sql(reply["payload"]["sql"]).all())
        except sa.exc.OperationalError:
            return
        except sa.exc.ProgrammingError:
            # None was under way then, and none has begun since.
            if before == (self._services.pins_lost, shrinker.invalidating):
                self._findings.violated(f"{query_id} was dropped under its reader")
            return
        self._findings.count("results read")
        if rows != self._expected.rows[query_id]:
            self._findings.violated(
                f"{query_id} was served with {len(rows)} rows of {len(self._expected.rows[query_id])}"
            )

    def cancel_some(self, round_: Round) -> None:
        """Cancel now and then something that was accepted, at any server."""
        while not round_.over.wait(self._source.random()):
            if round_.accepted:
                query_id = self._source.choice(round_.accepted)
                round_.cancelled.add(query_id)
                self.ask("cancel_query", query_id=query_id)


class Shrinker:
    """Evicts and invalidates stored results, as another process with FlowMachine's library."""

    def __init__(self, services: Services, findings: Findings, source: random.Random) -> None:
        self.engine = make_engine(services.settings)
        self.invalidating = 0
        self.invalidated = 0
        """How often an invalidation has begun, and how often it was over."""
        self._findings = findings
        self._source = source

    def work(self, round_: Round) -> None:
        while not round_.over.wait(self._source.random()):
            try:
                self._step()
            except (sa.exc.OperationalError, redis.RedisError, QueryResetFailedError, UnknownQueryError):
                self._findings.count("shrinking gave way")

    def _step(self) -> None:
        connection = self.engine.connection
        if self._source.random() < 0.8:
            size = cache.get_size_of_cache(connection)
            removed = cache.shrink_below_size(
                connection, int(size * self._source.random()), protected_period=-1
            )
            for _ in removed:
                self._findings.count("evicted")
            return
        stored = [query for query, _ in cache.get_cached_query_objects_ordered_by_score(connection, -1)]
        if stored:
            with self._invalidation():
                self.engine.invalidate(self._source.choice(stored), cascade=self._source.random() < 0.5)
            self._findings.count("invalidated")

    @contextmanager
    def _invalidation(self) -> Iterator[None]:
        self.invalidating += 1
        try:
            yield
        finally:
            self.invalidated += 1

    def empty(self) -> None:
        """Drop everything, so that the next round has work to do."""
        with self._invalidation():
            cache.reset_cache(self.engine.connection, self.engine.states.client)

    def close(self) -> None:
        self.engine.close()
