"""The queries that clients have asked for: parsed once, kept in memory, and by parameters in Redis.

What Redis has lost is looked up in FlowDB, which knows the parameters of every accepted query.
"""

import json
import re
from collections import OrderedDict
from typing import Any

import attrs
import redis

from flowmachine.api.base import ExposedSpec
from flowmachine.api.registry import parse
from flowmachine.core.ledger import Ledger
from flowmachine.core.query import Query
from flowmachine.core.state import QueryState
from flowmachine.core.task import Progress, Run

RETENTION = 30 * 86400
"""Seconds for which the parameters of a query are kept after it was last asked for."""

_ID = re.compile("[A-Za-z0-9_.-]{1,100}")


@attrs.define
class KnownQuery:
    """A query under its id.

    Parameters
    ----------
    params : dict
        The spec as a client wrote it.
    spec : ExposedSpec
    query : Query
        What is run for it: redacted.
    run : Run, optional
        The latest run in this process.
    """

    params: dict[str, Any]
    spec: ExposedSpec
    query: Query
    run: Run | None = None

    @property
    def request(self) -> str:
        """The spec as JSON."""
        return json.dumps(self.params)

    def progress(self, state: QueryState) -> Progress:
        """Return how far the query is, as far as this process knows."""
        if not state.in_flight:
            return Progress()
        if self.run is not None and not self.run.future.done():
            return self.run.progress()
        running = state is QueryState.EXECUTING
        return Progress(eligible=1, queued=int(not running), running=int(running))


class Queries:
    """The known queries of one FlowDB.

    Parameters
    ----------
    client : redis.Redis
    namespace : str
        Distinguishes databases that share a Redis.
    threshold : int
        The redaction threshold.
    capacity : int
        How many parsed queries are kept in memory.
    ledger : Ledger, optional
        Knows what Redis has lost.
    """

    def __init__(
        self,
        client: redis.Redis,
        namespace: str,
        threshold: int,
        capacity: int = 10_000,
        ledger: Ledger | None = None,
    ) -> None:
        self._client = client
        self._prefix = f"flowmachine:{namespace}:params"
        self._threshold = threshold
        self._capacity = capacity
        self._ledger = ledger
        self._known: OrderedDict[str, KnownQuery] = OrderedDict()

    def parse(self, params: dict[str, Any]) -> KnownQuery:
        """Return the query of a spec, without registering it.

        Raises
        ------
        InvalidSpecError
            If the spec is not valid.
        ValueError
            If its fields are, but do not go together.
        """
        spec = parse(params)
        query = spec.expose(self._threshold)
        known = self._known.get(query.query_id)
        return known if known is not None and known.params == params else KnownQuery(params, spec, query)

    def register(self, known: KnownQuery) -> None:
        """Keep a query, so that clients can ask for it by its id at every server."""
        self._client.set(self._key(known.query.query_id), known.request, ex=RETENTION)
        self._keep(known)

    def restore(self) -> None:
        """Write what is kept in memory again, after Redis has lost it."""
        with self._client.pipeline(transaction=False) as pipeline:
            for query_id, known in list(self._known.items()):
                pipeline.set(self._key(query_id), known.request, ex=RETENTION)
            pipeline.execute()

    def get(self, query_id: str) -> KnownQuery | None:
        """Return the query that was registered under an id, at this or another server."""
        known = self._known.get(query_id)
        if known is None:
            stored = self.stored_params(query_id)
            if stored is None:
                return None
            try:
                known = self.parse(json.loads(stored))
            except ValueError:  # registered by a release whose kinds differ
                return None
            if known.query.query_id != query_id:  # or under another threshold
                return None
            self._keep(known)
        return known

    def stored_params(self, query_id: str) -> str | None:
        """Return the parameters that were registered under an id, as JSON, if some were."""
        stored: Any = self._client.get(self._key(query_id)) or self._recall(query_id)
        return stored

    def _recall(self, query_id: str) -> str | None:
        """Ask FlowDB for the parameters of a query, if this can be an id; put them into Redis again."""
        if self._ledger is None or _ID.fullmatch(query_id) is None:
            return None
        request = self._ledger.request(query_id)
        if request is not None:
            self._client.set(self._key(query_id), request, ex=RETENTION)
        return request

    def _keep(self, known: KnownQuery) -> None:
        self._known[known.query.query_id] = known
        self._known.move_to_end(known.query.query_id)
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def _key(self, query_id: str) -> str:
        return f"{self._prefix}:{query_id}"
