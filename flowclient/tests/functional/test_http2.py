"""One connection for all requests, and HTTP/2 over TLS, against the server that FlowAPI runs on."""

import asyncio
import contextlib
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pyarrow as pa
import pytest
import trustme
from hypercorn.asyncio import serve
from hypercorn.config import Config

import flowclient
from flowclient import async_client
from flowclient.errors import FlowclientUnavailableError

TOKEN = jwt.encode({"sub": "analyst"}, "a key that is long enough for the algorithm", algorithm="HS256")
REQUESTS = 5


def begun_table() -> bytes:
    """Return a table that a reader takes for whole, since what is missing begins with a whole batch."""
    written = io.BytesIO()
    table = pa.table({"pcod": ["A"], "value": [16]})
    writer = pa.ipc.new_stream(written, table.schema)
    writer.write_table(table)
    assert pa.ipc.open_stream(written.getvalue()).read_all() == table
    return written.getvalue()


@dataclass
class App:
    """An application that answers with a day of calls, and notes how it was asked."""

    versions: list[str] = field(default_factory=list)
    clients: set[tuple[str, int]] = field(default_factory=set)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return
        self.versions.append(scope["http_version"])
        self.clients.add(tuple(scope["client"]))
        if scope["path"] == "/api/0/poll/Q":
            location = [(b"location", b"/api/0/get/Q")]
            await send({"type": "http.response.start", "status": 303, "headers": location})
            await send({"type": "http.response.body"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/api/0/get/Q.arrow":
            await send({"type": "http.response.body", "body": begun_table(), "more_body": True})
            raise RuntimeError("The database went away.")
        body = json.dumps({"available_dates": {"calls": ["2016-01-01"]}}).encode()
        await send({"type": "http.response.body", "body": body})


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    app: App


@contextlib.contextmanager
def running(app: App, config: Config) -> Iterator[str]:
    """Run an application in a thread and yield its address."""
    config.bind = ["localhost:0"]
    config.accesslog = config.errorlog = None
    # What an application left half said, hypercorn ends together with the connection.
    config.keep_alive_timeout = 0.5
    sockets = config.create_sockets()
    (socket,) = sockets.secure_sockets or sockets.insecure_sockets
    config.create_sockets = lambda: sockets  # type: ignore[method-assign]
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(
        target=loop.run_until_complete,
        args=(serve(app, config, shutdown_trigger=stop.wait),),  # type: ignore[arg-type]
    )
    thread.start()
    try:
        yield f"https://localhost:{socket.getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.fixture
def server(authority: trustme.CA, tmp_path: Path) -> Iterator[Server]:
    issued = authority.issue_cert("localhost")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    for blob in issued.cert_chain_pems:
        blob.write_to_path(certificate, append=True)
    issued.private_key_pem.write_to_path(key)
    config = Config()
    config.certfile, config.keyfile = str(certificate), str(key)
    app = App()
    with running(app, config) as url:
        yield Server(url, app)


def test_requests_share_a_connection_that_speaks_http2(server: Server, authority_file: Path) -> None:
    with flowclient.connect(url=server.url, token=TOKEN, ssl_certificate=str(authority_file)) as connection:
        for _ in range(REQUESTS):
            flowclient.get_available_dates(connection=connection)
    assert connection.session.is_closed
    assert server.app.versions == ["2"] * REQUESTS
    assert len(server.app.clients) == 1


async def ask_at_once(url: str, certificate: Path) -> bool:
    connection = await flowclient.connect_async(url=url, token=TOKEN, ssl_certificate=str(certificate))
    async with connection:
        await async_client.get_available_dates(connection=connection)
        await asyncio.gather(
            *(async_client.get_available_dates(connection=connection) for _ in range(REQUESTS - 1))
        )
    return connection.session.is_closed


def test_requests_at_once_share_one_too(server: Server, authority_file: Path) -> None:
    assert asyncio.run(ask_at_once(server.url, authority_file))
    assert server.app.versions == ["2"] * REQUESTS
    assert len(server.app.clients) == 1


@pytest.mark.parametrize("result_format", ["arrow", "polars"])
def test_table_that_breaks_off_is_no_short_table(
    server: Server, authority_file: Path, result_format: str
) -> None:
    with (
        flowclient.connect(url=server.url, token=TOKEN, ssl_certificate=str(authority_file)) as connection,
        pytest.raises(FlowclientUnavailableError, match="Unable to connect"),
    ):
        flowclient.get_table_by_query_id(connection=connection, query_id="Q", format=result_format)
