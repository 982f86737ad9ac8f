"""Certificates, against a server that speaks TLS."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
import pytest
import trustme

import flowclient
from flowclient.errors import FlowclientUnavailableError

TOKEN = jwt.encode({"sub": "analyst"}, "a key that is long enough for the algorithm", algorithm="HS256")


class DatesHandler(BaseHTTPRequestHandler):
    """Answers with a day of calls."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"available_dates": {"calls": ["2016-01-01"]}}')

    def log_message(self, format: str, *arguments: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def url(authority: trustme.CA) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with ThreadingHTTPServer(("localhost", 0), DatesHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


def available_dates(url: str, certificate: str | bool | None) -> dict[str, list[str]]:
    with flowclient.connect(url=url, token=TOKEN, ssl_certificate=certificate) as connection:
        return flowclient.get_available_dates(connection=connection)


def available_dates_asynchronously(url: str, certificate: str | bool | None) -> dict[str, list[str]]:
    async def get() -> dict[str, list[str]]:
        async with await flowclient.connect_async(
            url=url, token=TOKEN, ssl_certificate=certificate
        ) as connection:
            return await flowclient.async_client.get_available_dates(connection=connection)

    return asyncio.run(get())


@pytest.mark.parametrize("get", [available_dates, available_dates_asynchronously])
def test_own_authority(get, url: str, authority_file: Path) -> None:
    assert get(url, str(authority_file)) == {"calls": ["2016-01-01"]}


@pytest.mark.parametrize("get", [available_dates, available_dates_asynchronously])
def test_no_check(get, url: str) -> None:
    assert get(url, False) == {"calls": ["2016-01-01"]}


@pytest.mark.parametrize("get", [available_dates, available_dates_asynchronously])
@pytest.mark.parametrize("certificate", [True, None])
def test_unknown_authority_is_refused(get, url: str, certificate: bool | None) -> None:
    with pytest.raises(FlowclientUnavailableError, match=r"give its certificate to ssl_certificate"):
        get(url, certificate)
