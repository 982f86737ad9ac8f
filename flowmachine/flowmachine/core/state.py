"""Who is running what: one small record per query in Redis, changed only by atomic transitions.

The record is a hash of ``state``, ``owner``, ``lease`` (milliseconds since 1970) and ``error``. The
process that queued or executes a query owns its record and renews the lease; when a lease has run
out, everybody sees the query as merely known again and may take it over. Whoever waits for a query
is woken by a message when its state ends, and looks again when a lease could have run out.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

import attrs
import redis

from flowmachine.core import logs

log = logs.debug_log(__name__)


class QueryState(StrEnum):
    """The states of a query."""

    KNOWN = "known"
    QUEUED = "queued"
    EXECUTING = "executing"
    COMPLETED = "completed"
    ERRORED = "errored"
    CANCELLED = "cancelled"
    RESETTING = "resetting"

    @property
    def description(self) -> str:
        """The words that replies use for the state."""
        return _DESCRIPTIONS[self]

    @property
    def in_flight(self) -> bool:
        """Whether somebody is at work on the query."""
        return self in (QueryState.QUEUED, QueryState.EXECUTING, QueryState.RESETTING)


_DESCRIPTIONS = {
    QueryState.KNOWN: "is known, but has not yet been run",
    QueryState.QUEUED: "is queued",
    QueryState.EXECUTING: "is currently running",
    QueryState.COMPLETED: "is ready",
    QueryState.ERRORED: "finished with an error",
    QueryState.CANCELLED: "was cancelled",
    QueryState.RESETTING: "is being reset",
}


@attrs.frozen
class Record:
    """What Redis knows of a query."""

    state: QueryState = QueryState.KNOWN
    error: str = ""


# KEYS: records. ARGV: event, owner, lease in ms, error, channel, retention in s, then the id of each record.
_TRANSITION = """
local moves = {
  queue = {known='queued', errored='queued', cancelled='queued'},
  remake = {completed='queued'},
  execute = {queued='executing'},
  finish = {executing='completed', queued='completed', known='completed'},
  error = {executing='errored', queued='errored'},
  cancel = {queued='cancelled', executing='cancelled'},
  release = {queued='known', executing='known'},
  renew = {queued='queued', executing='executing'},
}
local mine_only = {execute=true, error=true, release=true, renew=true}
local event, owner, lease = ARGV[1], ARGV[2], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local replies = {}
for i, key in ipairs(KEYS) do
  local record = redis.call('HMGET', key, 'state', 'owner', 'lease', 'error')
  local state = record[1] or 'known'
  local live = (state == 'queued' or state == 'executing')
  if live and tonumber(record[3] or '0') < now then state = 'known' end
  local target = moves[event] and moves[event][state]
  if target and live and record[2] ~= owner and (mine_only[event] or event == 'finish') then target = nil end
  if target then
    redis.call('HSET', key, 'state', target, 'owner', owner, 'lease', now + lease)
    if target == 'queued' or target == 'executing' then
      redis.call('PERSIST', key)
      if event ~= 'renew' then redis.call('HDEL', key, 'error') end
    else
      if ARGV[4] ~= '' then redis.call('HSET', key, 'error', ARGV[4]) end
      redis.call('EXPIRE', key, ARGV[6])
      redis.call('PUBLISH', ARGV[5], ARGV[6 + i])
    end
    replies[#replies + 1] = {target, 1, ''}
  else
    replies[#replies + 1] = {state, 0, record[4] or ''}
  end
end
return replies
"""

Waker = Callable[[], None]


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
        Seconds for which a finished query's record is kept; FlowDB's catalogue outlives it.
    """

    def __init__(
        self, client: redis.Redis, namespace: str, *, lease: float = 15, retention: int = 7 * 86400
    ) -> None:
        self.client = client
        self._prefix = f"flowmachine:{namespace}"
        self._channel = f"{self._prefix}:ended"
        self._lease = lease
        self._retention = retention
        self._owner = uuid.uuid4().hex
        self._transition = client.register_script(_TRANSITION)
        self._lock = threading.Lock()
        self._owned: set[str] = set()
        self._watched: dict[str, list[Waker]] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def _key(self, query_id: str) -> str:
        return f"{self._prefix}:query:{query_id}"

    def _move(self, event: str, ids: Sequence[str], error: str = "") -> list[tuple[Record, bool]]:
        if not ids:
            return []
        replies = self._transition(
            keys=[self._key(query_id) for query_id in ids],
            args=[event, self._owner, int(self._lease * 1000), error, self._channel, self._retention, *ids],
        )
        return [(Record(QueryState(state), cause), bool(changed)) for state, changed, cause in replies]

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
            self._owned.update(new)
        queued: list[str] = []
        try:
            moved = self._move("remake" if remake else "queue", new)
            queued = [query_id for query_id, (_, changed) in zip(new, moved, strict=True) if changed]
        finally:
            with self._lock:
                self._owned.difference_update(set(new).difference(queued))
        self._start_thread()
        return [i for i, (record, _) in zip(new, moved, strict=True) if record.state is QueryState.COMPLETED]

    def execute(self, query_id: str) -> tuple[Record, bool]:
        """Take a query that this process queued into execution; tell its record and whether that worked."""
        return self._move("execute", [query_id])[0]

    def finish(self, query_id: str) -> None:
        """Note that the result is stored."""
        self._end("finish", query_id)

    def fail(self, query_id: str, cause: str) -> None:
        """Note that the query ended in an error, with its cause."""
        self._end("error", query_id, cause or "unknown error")

    def cancel(self, query_id: str) -> bool:
        """Cancel a query that is queued or executing; tell whether it was."""
        return self._end("cancel", query_id)

    def _end(self, event: str, query_id: str, error: str = "") -> bool:
        try:
            return self._move(event, [query_id], error)[0][1]
        finally:
            with self._lock:
                self._owned.discard(query_id)

    def watch(self, query_id: str, waker: Waker) -> None:
        """Call ``waker`` once, when the query's work ends or its owner has died.

        The waker must look at the state itself, and may be called when nothing has changed.
        """
        with self._lock:
            self._watched.setdefault(query_id, []).append(waker)
        self._start_thread()
        if not self.read([query_id])[0].state.in_flight:
            self._wake([query_id])

    def close(self) -> None:
        """Give up everything owned, so that others need not wait for the leases to run out."""
        self._stopped.set()
        with self._lock:
            owned, thread = sorted(self._owned), self._thread
        if thread is not None:
            thread.join(timeout=5)
        try:
            self._move("release", owned)
        except redis.RedisError:
            log.warning("Could not release queries; their leases will run out.", count=len(owned))

    def _wake(self, ids: Iterable[str]) -> None:
        with self._lock:
            wakers = [waker for query_id in ids for waker in self._watched.pop(query_id, [])]
        for waker in wakers:
            waker()

    def _start_thread(self) -> None:
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
                self._wake([message["data"]])

    def _beat(self) -> None:
        with self._lock:
            owned, watched = sorted(self._owned), sorted(self._watched)
        self._move("renew", owned)
        ended = [
            i for i, record in zip(watched, self.read(watched), strict=True) if not record.state.in_flight
        ]
        self._wake(ended)
