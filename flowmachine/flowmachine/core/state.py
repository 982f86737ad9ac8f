"""Who is running what: one small record per query in Redis, changed only by atomic transitions.

The record is a hash of ``state``, ``owner``, ``lease`` (milliseconds since 1970) and ``error``. The
process that queued or executes a query owns its record and renews the lease; when a lease has run
out, everybody sees the query as merely known again and may take it over. Whoever waits for a query
is woken by a message when its state ends, and looks again when a lease could have run out.

Redis may go away or lose everything at any time. Owners write their records again with the next
heartbeat, ends that could not be told are told later, and what is stored is told by FlowDB's
catalogue, never by Redis.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

import redis

from flowmachine.core import logs
from flowmachine.core.transitions import TRANSITION
from flowmachine.core.transitions import QueryState as QueryState
from flowmachine.core.transitions import Record as Record

log = logs.debug_log(__name__)

Waker = Callable[[], None]

_OWNING = {"queue": QueryState.QUEUED, "execute": QueryState.EXECUTING, "reset": QueryState.RESETTING}


class States:
    """The records of one database's queries, as one process sees them.

    Parameters
    ----------
    client : redis.Redis
        With ``decode_responses=True``.
    namespace : str
        Distinguishes databases that share a Redis.
    lease : float, default 15
        Seconds after which the queries of a process that has stopped renewing may be taken over.
    retention : int, default 604800
        Seconds for which a record is kept; FlowDB's catalogue outlives it.

    Attributes
    ----------
    on_cancel : callable, optional
        Called with the id of a query of this process that somebody else has cancelled.
    on_loss : list of callables
        Called when Redis has lost what it knew.
    """

    def __init__(
        self, client: redis.Redis, namespace: str, *, lease: float = 15, retention: int = 7 * 86400
    ) -> None:
        self.client = client
        self.on_cancel: Callable[[str], None] | None = None
        self.on_loss: list[Callable[[], None]] = []
        self._prefix = f"flowmachine:{namespace}"
        self._channel = f"{self._prefix}:ended"
        self._lease = lease
        self._retention = retention
        self._owner = uuid.uuid4().hex
        self._transition = client.register_script(TRANSITION)
        self._lock = threading.Lock()
        self._owned: dict[str, QueryState] = {}
        self._untold: dict[str, tuple[str, str]] = {}
        self._watched: dict[str, list[Waker]] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._met = False

    def _key(self, query_id: str) -> str:
        return f"{self._prefix}:query:{query_id}"

    def _move(self, event: str, ids: Sequence[str], error: str = "") -> list[tuple[Record, bool]]:
        if not ids:
            return []
        replies = self._transition(
            keys=[self._key(query_id) for query_id in ids],
            args=[event, self._owner, int(self._lease * 1000), error, self._channel, self._retention, *ids],
        )
        return [
            (Record(QueryState(state), cause, bool(orphaned)), bool(changed))
            for state, changed, cause, orphaned in replies
        ]

    def read(self, ids: Sequence[str]) -> list[Record]:
        """Return the record of each id; one whose owner has died reads as known."""
        return [record for record, _ in self._move("read", ids)]

    def queue(self, ids: Sequence[str], *, remake: bool = False) -> list[str]:
        """Queue those of the queries that nobody is at work on; they are this process's from now on.

        Returns those that are noted as completed. They are left so, or with ``remake`` they alone are queued.
        """
        with self._lock:
            new = [query_id for query_id in ids if query_id not in self._owned]
            # Before the records change, so that no lease is missed by a renewal in between.
            self._owned.update(dict.fromkeys(new, QueryState.QUEUED))
        queued: list[str] = []
        try:
            moved = self._move("remake" if remake else "queue", new)
            queued = [query_id for query_id, (_, changed) in zip(new, moved, strict=True) if changed]
        finally:
            self._disown(set(new).difference(queued))
        self.start()
        self._wake(queued)
        return [i for i, (record, _) in zip(new, moved, strict=True) if record.state is QueryState.COMPLETED]

    def owns(self, query_id: str) -> bool:
        """Tell whether this process renews the query's lease."""
        with self._lock:
            return query_id in self._owned

    def trigger(self, event: str, query_id: str) -> bool:
        """Let an event of the state machine happen to a query; tell whether it had an effect."""
        changed = self._move(event, [query_id])[0][1]
        if changed:
            with self._lock:
                if event in _OWNING:
                    self._owned[query_id] = _OWNING[event]
                else:
                    self._owned.pop(query_id, None)
            self.start()
        return changed

    def execute(self, query_id: str) -> tuple[Record, bool]:
        """Take a query that this process queued into execution; tell its record and whether that worked."""
        record, changed = self._move("execute", [query_id])[0]
        if changed:
            with self._lock:
                self._owned[query_id] = QueryState.EXECUTING
        return record, changed

    def finish(self, query_id: str) -> None:
        """Note that the result is stored."""
        self._end("finish", query_id)

    def fail(self, query_id: str, cause: str) -> None:
        """Note that the query ended in an error, with its cause."""
        self._end("error", query_id, cause or "unknown error")

    def _end(self, event: str, query_id: str, error: str = "") -> None:
        """Tell how a query of this process ended, as soon as there is a Redis to tell."""
        try:
            self._move(event, [query_id], error)
        except redis.RedisError:
            with self._lock:
                self._untold[query_id] = (event, error)
        finally:
            self._disown([query_id])

    def adopt(self, ids: Sequence[str]) -> None:
        """Note that the results are stored, whatever was known of them, unless somebody is at work on one."""
        self._move("adopt", ids)

    def presume(self, query_id: str) -> None:
        """Note that a lost query was accepted by somebody, who has one lease to say so."""
        self._move("presume", [query_id])

    def cancel(self, query_id: str) -> bool:
        """Cancel a query that is queued or executing, here or elsewhere; tell whether it was."""
        changed = self._move("cancel", [query_id])[0][1]
        if changed:
            self._disown([query_id])
        return changed

    def release(self, ids: Sequence[str]) -> None:
        """Give up queries of this process, so that others may take them over at once."""
        self._disown(ids)
        self._move("release", ids)

    def reset(self, query_id: str) -> bool:
        """Take a query that has ended into resetting; tell whether it was."""
        return self.trigger("reset", query_id)

    def finish_resetting(self, query_id: str) -> bool:
        """Note that a query that this process reset is merely known; tell whether it was resetting."""
        return self.trigger("finish_resetting", query_id)

    def _disown(self, ids: Iterable[str]) -> None:
        with self._lock:
            for query_id in ids:
                self._owned.pop(query_id, None)

    def forget_ended(self) -> None:
        """Delete the records of this database that nobody is at work on; no other key is touched."""
        known = (key.rpartition(":")[2] for key in self.client.scan_iter(match=self._key("*"), count=500))
        while ids := list(islice(known, 500)):
            ended = [i for i, record in zip(ids, self.read(ids), strict=True) if not record.state.in_flight]
            if ended:
                self.client.delete(*map(self._key, ended))

    def watch(self, query_id: str, waker: Waker) -> None:
        """Call ``waker`` once, when the query's work ends, its owner has died, or this process queues it.

        The waker must look at the state itself, and may be called when nothing has changed.
        """
        with self._lock:
            self._watched.setdefault(query_id, []).append(waker)
        self.start()
        self._wake_if_free([query_id])

    def _wake_if_free(self, query_ids: Sequence[str]) -> None:
        """Wake those who wait although nobody, or only this process's own queue, stands in their way."""
        records = zip(query_ids, self.read(query_ids), strict=True)
        with self._lock:
            own = {query_id for query_id, state in self._owned.items() if state is QueryState.QUEUED}
        self._wake([i for i, record in records if not record.state.in_flight or i in own])

    def close(self) -> None:
        """Give up everything owned, so that others need not wait for the leases to run out."""
        self._stopped.set()
        with self._lock:
            owned, thread = sorted(self._owned), self._thread
        if thread is not None:
            thread.join(timeout=5)
        try:
            self.release(owned)
        except redis.RedisError:
            log.warning("Could not release queries; their leases will run out.", count=len(owned))

    def _wake(self, ids: Iterable[str]) -> None:
        with self._lock:
            wakers = [waker for query_id in ids for waker in self._watched.pop(query_id, [])]
        for waker in wakers:
            waker()

    def start(self) -> None:
        """Begin to renew leases and to listen, unless that has begun."""
        with self._lock:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._coordinate, name="query-states", daemon=True)
                self._thread.start()

    def _coordinate(self) -> None:
        """Renew leases and wake waiters until closed; a Redis that is away is tried again."""
        while not self._stopped.is_set():
            try:
                with self.client.pubsub(ignore_subscribe_messages=True) as messages:
                    messages.subscribe(self._channel)
                    self._listen(messages)
            except redis.RedisError as error:
                log.warning("Redis is not reachable; trying again.", error=type(error).__name__)
                self._stopped.wait(1)

    def _listen(self, messages: "redis.client.PubSub") -> None:
        next_beat = 0.0
        while not self._stopped.is_set():
            if time.monotonic() >= next_beat:
                self._beat()
                next_beat = time.monotonic() + self._lease / 3
            message = messages.get_message(timeout=0.5)
            if message is not None:
                self._heard(message["data"])

    def _heard(self, query_id: str) -> None:
        if query_id in self._owned and self.read([query_id])[0].state is QueryState.CANCELLED:
            self._cancelled(query_id)
        self._wake([query_id])

    def _cancelled(self, query_id: str) -> None:
        self._disown([query_id])
        if self.on_cancel is not None:
            self.on_cancel(query_id)

    def _beat(self) -> None:
        with self._lock:
            untold = dict(self._untold)
            owned = dict(self._owned)
            watched = sorted(self._watched)
        for query_id, (event, error) in untold.items():
            self._move(event, [query_id], error)
            with self._lock:
                self._untold.pop(query_id, None)
        for state in set(owned.values()):
            ids = [query_id for query_id, its in owned.items() if its is state]
            for query_id, (record, _) in zip(ids, self._move(f"renew_{state}", ids), strict=True):
                if record.state is QueryState.CANCELLED and query_id in self._owned:
                    self._cancelled(query_id)
        self._wake_if_free(watched)
        self._look_for_loss()

    def _look_for_loss(self) -> None:
        """Leave a mark in Redis; if the last one has gone, everything else may have gone as well."""
        seen = self.client.set(f"{self._prefix}:process:{self._owner}", 1, ex=86400, get=True)
        if seen is None and self._met:
            log.warning("Redis has lost its records; writing them again.")
            for restore in self.on_loss:
                try:
                    restore()
                except Exception:  # the heart must go on beating, whatever a listener runs into
                    log.exception("Records could not be restored.")
        self._met = True
