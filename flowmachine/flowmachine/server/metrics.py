"""Figures for Prometheus, on a port of their own."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.pool import QueuePool

from flowmachine.core import eviction, logs, pruning
from flowmachine.core.execute import Engine
from flowmachine.core.task import Ending, Outcome

log = logs.debug_log(__name__)

_SECONDS = (0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 900, 3600)


class Metrics:
    """The figures of one server: what it did since it started, and how things are when they are read.

    Parameters
    ----------
    engine : Engine
    """

    def __init__(self, engine: Engine) -> None:
        self.registry = CollectorRegistry()
        self._asked = Counter(
            "flowmachine_cache_requests",
            "Queries submitted, by class, and whether they were stored already (hit) or not (miss)",
            ["kind", "result"],
            registry=self.registry,
        )
        self._ended = Counter(
            "flowmachine_results",
            "Results that this server was to make, inputs included, by class and how that ended",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "flowmachine_result_seconds",
            "Seconds from planning a result until it was stored",
            ["kind"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._requests = Counter(
            "flowmachine_requests",
            "Requests answered, by action and status of the reply",
            ["action", "status"],
            registry=self.registry,
        )
        self._request_seconds = Histogram(
            "flowmachine_request_seconds",
            "Seconds that answers took, by action",
            ["action"],
            registry=self.registry,
        )
        self.registry.register(_Present(engine))
        engine.observers.append(self._note_ending)

    def _note_ending(self, ending: Ending) -> None:
        if ending.outcome in (Outcome.HIT, Outcome.MISS):
            self._asked.labels(ending.kind, ending.outcome.value).inc()
            return
        self._ended.labels(ending.kind, ending.outcome.value).inc()
        if ending.outcome is Outcome.COMPLETED:
            self._seconds.labels(ending.kind).observe(ending.seconds)

    def note_request(self, action: str, status: str, seconds: float) -> None:
        """Note an answered request."""
        self._requests.labels(action, status).inc()
        self._request_seconds.labels(action).observe(seconds)


class _Present(Collector):
    """How things are at the moment of reading."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Describe nothing: FlowDB need not be asked before somebody reads."""
        yield from ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges; those of the cache are missing while FlowDB is away."""
        queries = GaugeMetricFamily(
            "flowmachine_queries", "Results on their way at this server", labels=["kind", "state"]
        )
        for (kind, state), count in self._engine.counts().items():
            queries.add_metric([kind, state.value], count)
        yield queries
        pools = GaugeMetricFamily(
            "flowmachine_pool_connections", "Connections to FlowDB in use", labels=["pool"]
        )
        limits = GaugeMetricFamily(
            "flowmachine_pool_size", "Connections to FlowDB that are kept open", labels=["pool"]
        )
        connection = self._engine.connection
        for name, engine in (("queries", connection.engine), ("lookups", connection.lookups)):
            if isinstance(engine.pool, QueuePool):
                pools.add_metric([name], engine.pool.checkedout())
                limits.add_metric([name], engine.pool.size())
        yield pools
        yield limits
        up = 1.0
        try:
            with connection.lookups.connect() as database:
                taken, stored = eviction.cache_bytes(database), eviction.count_results(database)
            allowed = pruning.max_size(connection)
        except sa.exc.SQLAlchemyError as error:
            log.warning("Could not read the size of the cache.", error=type(error).__name__)
            up = 0.0
        else:
            yield GaugeMetricFamily("flowmachine_cache_bytes", "Bytes that stored results take", taken)
            yield GaugeMetricFamily("flowmachine_cache_limit_bytes", "Bytes that they may take", allowed)
            yield GaugeMetricFamily("flowmachine_cache_results", "Stored results", stored)
        yield GaugeMetricFamily("flowmachine_flowdb_up", "Whether FlowDB answers", up)


@contextmanager
def serving(metrics: Metrics, host: str, port: int) -> Iterator[None]:
    """Serve the figures over HTTP within the block."""
    server, thread = start_http_server(port, host, metrics.registry)
    log.info("Serving metrics.", host=host, port=port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
