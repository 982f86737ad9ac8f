"""SIGTERM: no new connections, downloads get their time and no more; what is cut off does not look whole."""

import contextlib
import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flowapi_client import GET_SCOPES
from serving import Served, served
from signing import Bearer

from flowapi.settings import FlowapiSettings
from flowdb.testing import free_port

# About ten megabytes: more than the buffers between server and client hold.
ROWS = 100_000
RESULT = f"SELECT repeat('x', 100) AS text FROM generate_series(1, {ROWS})"  # noqa: S608


def audited(running: Served) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in running.stdout.read_text().splitlines()]
    return [line for line in lines if line["logger"] == "flowapi.audit"]


def wait_until_refused(url: str) -> None:
    """Return when a new connection gets no answer: refused, or closed at once by a worker that stops."""
    deadline = time.monotonic() + 10
    with contextlib.suppress(httpx.TransportError):
        while time.monotonic() < deadline:
            httpx.get(url)
            time.sleep(0.05)
        raise AssertionError("It still takes connections.")


@pytest.fixture
def downloading(result: Callable[[str], None], bearer: Bearer) -> Callable[[Served], Any]:
    """Return a function that begins a download, and reads no further than its first bytes."""
    result(RESULT)

    @contextlib.contextmanager
    def begin(running: Served) -> Iterator[Iterator[bytes]]:
        headers = bearer(*GET_SCOPES)
        with httpx.stream("GET", f"{running.url}/api/0/get/Q.csv", headers=headers, timeout=20) as response:
            assert response.status_code == 200
            parts = response.iter_raw()
            next(parts)
            yield parts

    return begin


@pytest.mark.parametrize("workers", [1, 3])
def test_a_download_ends_whole(
    settings: FlowapiSettings, downloading: Callable[[Served], Any], tmp_path: Path, workers: int
) -> None:
    with served(settings, tmp_path, FLOWAPI_WORKERS=str(workers), FLOWAPI_SHUTDOWN_GRACE="15") as running:
        with downloading(running) as parts:
            running.process.send_signal(signal.SIGTERM)
            wait_until_refused(running.url)
            time.sleep(1)  # The other workers have ended by now.
            rest = b"".join(parts)
        assert rest.endswith(b"x\r\n")
        assert len(rest) > (ROWS - 5_000) * 102
        assert running.process.wait(timeout=15) == 0
        (line,) = audited(running)
    assert (line["status"], line["outcome"]) == (200, "complete")
    assert line["bytes_sent"] == len("text\r\n") + ROWS * 102


@pytest.mark.parametrize("workers", [1, 2])
def test_a_download_gets_no_more_than_its_time(
    settings: FlowapiSettings, downloading: Callable[[Served], Any], tmp_path: Path, workers: int
) -> None:
    with served(settings, tmp_path, FLOWAPI_WORKERS=str(workers), FLOWAPI_SHUTDOWN_GRACE="1") as running:
        with downloading(running) as parts:
            running.process.send_signal(signal.SIGTERM)
            running.process.wait(timeout=15)
            with pytest.raises(httpx.RemoteProtocolError):
                list(parts)
        (line,) = audited(running)
    assert (line["status"], line["outcome"]) == (200, "stopped")
    assert line["bytes_sent"] < ROWS * 102


def test_a_client_that_leaves(
    settings: FlowapiSettings, downloading: Callable[[Served], Any], tmp_path: Path
) -> None:
    with served(settings, tmp_path) as running:
        with downloading(running):
            pass
        deadline = time.monotonic() + 10
        while not (lines := audited(running)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (lines[0]["outcome"], lines[0]["status"]) == ("client_left", 200)


def test_figures_of_several_workers(settings: FlowapiSettings, tmp_path: Path) -> None:
    port = free_port()
    with served(settings, tmp_path, FLOWAPI_WORKERS="2", FLOWAPI_METRICS_PORT=str(port)) as running:
        for _ in range(20):  # Each over a connection of its own, which either worker may take.
            assert httpx.get(f"{running.url}/api/0/available_dates").status_code == 401
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert httpx.get(f"{running.url}/metrics").status_code == 404
    labels = 'method="GET",outcome="complete",route="/api/0/available_dates",status="401"'
    assert f"flowapi_requests_total{{{labels}}} 20.0" in text
    assert 'flowapi_refused_tokens_total{code="missing_token"} 20.0' in text
