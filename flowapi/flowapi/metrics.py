"""Figures for Prometheus, on a port of their own: those of all server processes together.

Each process keeps its figures in files of a directory that all share, which ``PROMETHEUS_MULTIPROC_DIR``
names; therefore this module must not be imported before that is set.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)

# Methods are text of the client's choice; only these are told apart.
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})

_requests = Counter(
    "flowapi_requests",
    "Requests, by method, route, status and whether the response was sent whole",
    ["method", "route", "status", "outcome"],
)
_request_seconds = Histogram(
    "flowapi_request_seconds",
    "Seconds from a request to the end of its response",
    ["route"],
    buckets=_SECONDS,
)
_sent_bytes = Counter("flowapi_sent_bytes", "Bytes of response bodies", ["route"])
_in_progress = Gauge(
    "flowapi_requests_in_progress", "Requests being answered, downloads included", multiprocess_mode="livesum"
)
_refused_tokens = Counter("flowapi_refused_tokens", "Requests without a usable token, by reason", ["code"])
_flowmachine_seconds = Histogram(
    "flowapi_flowmachine_seconds",
    "Seconds that FlowMachine took to reply, by action",
    ["action"],
    buckets=_SECONDS,
)
_flowmachine_failures = Counter(
    "flowapi_flowmachine_failures", "Actions that FlowMachine did not reply to, by reason", ["action", "code"]
)
_revoked = Gauge("flowapi_revoked_tokens", "Token ids on the deny-lists", multiprocess_mode="livemax")
_deny_list_age = Gauge(
    "flowapi_deny_list_read_time_seconds",
    "When every deny-list was last known to be up to date, in seconds since 1970",
    multiprocess_mode="livemin",
)


def count_request(
    method: str, route: str, status: int | None, outcome: str, seconds: float, sent: int
) -> None:
    """Count a request that has ended."""
    known = method if method in _METHODS else "other"
    _requests.labels(known, route, str(status), outcome).inc()
    _request_seconds.labels(route).observe(seconds)
    _sent_bytes.labels(route).inc(sent)


@contextmanager
def in_progress() -> Iterator[None]:
    """Count a request as being answered."""
    with _in_progress.track_inprogress():
        yield


def count_refused_token(code: str) -> None:
    """Count a request without a usable token."""
    _refused_tokens.labels(code).inc()


def observe_reply(action: str, seconds: float) -> None:
    """Count a reply of FlowMachine."""
    _flowmachine_seconds.labels(action).observe(seconds)


def count_no_reply(action: str, code: str) -> None:
    """Count an action without a reply."""
    _flowmachine_failures.labels(action, code).inc()


def show_deny_lists(tokens: int, read_time: float) -> None:
    """Show how many token ids are on the deny-lists, and when they were last up to date."""
    _revoked.set(tokens)
    _deny_list_age.set(read_time)


def serve(host: str, port: int) -> None:
    """Serve the figures of every process that keeps them in the shared directory, in a thread."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    start_http_server(port, addr=host, registry=registry)
