"""Slow, smuggled and withdrawn requests: nobody else is kept waiting, and the server is well afterwards."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import h2.config
import h2.connection
import httpx
import pytest
from serving import Served
from signing import Bearer

pytestmark = pytest.mark.usefixtures("well_afterwards")

DATES = "/api/0/available_dates"
SCOPES = ("run", "get_result", "admin3:dummy_query:dummy_query", "admin3:geography:geography")


@pytest.fixture
def connect(running_server: Served, certificate: Path) -> Iterator[Callable[..., ssl.SSLSocket]]:
    """Return a function that connects to the server."""
    opened: list[ssl.SSLSocket] = []

    def make(*protocols: str) -> ssl.SSLSocket:
        trust = ssl.create_default_context(cafile=certificate / "cert-flowkit.pem")
        trust.set_alpn_protocols(protocols or ["http/1.1"])
        plain = socket.create_connection(("127.0.0.1", running_server.port), timeout=20)
        opened.append(trust.wrap_socket(plain, server_hostname="localhost"))
        return opened[-1]

    yield make
    for connection in opened:
        connection.close()


def received(connection: ssl.SSLSocket) -> bytes:
    """Return what comes until the server closes, or is silent for a second."""
    connection.settimeout(1)
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except (TimeoutError, OSError):
        pass
    return b"".join(parts)


def test_bodies_that_never_end(
    connect: Callable[..., ssl.SSLSocket], http_client: Callable[..., httpx.Client], bearer: Bearer
) -> None:
    authorization = bearer(*SCOPES)["Authorization"]
    begun = (
        f"POST /api/0/run HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n"
        'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"query'
    )
    connections = [connect() for _ in range(60)]
    for connection in connections:
        connection.sendall(begun.encode())
    for connection in [connect() for _ in range(60)]:  # nor do their headers
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    for connection in connections:
        connection.sendall(b"_")
    assert http_client().get(DATES, headers=bearer("get_available_dates")).status_code == 200


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 6\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 6",
        "Content-Length: 6\r\nContent-Length: 60",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
        "Content-Length: +6",
        "Content-Length: 0x6",
        "Content-Length: -1",
    ],
)
def test_smuggled_requests(connect: Callable[..., ssl.SSLSocket], bearer: Bearer, framing: str) -> None:
    """What a proxy may take for a body is never answered as a request of its own with rows."""
    authorization = bearer("get_available_dates")["Authorization"]
    smuggled = f"GET {DATES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n\r\n"
    connection = connect()
    connection.sendall(
        f"POST /api/0/run HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n0\r\n\r\n{smuggled}".encode()
    )
    answers = received(connection)
    assert b"2016-01-01" not in answers
    assert answers.count(b"HTTP/1.1 ") <= 1


def test_rapid_resets(connect: Callable[..., ssl.SSLSocket], bearer: Bearer) -> None:
    """HTTP/2 requests that are taken back at once, thousands of them."""
    connection = connect("h2")
    protocol = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    protocol.initiate_connection()
    headers = [
        (":method", "GET"),
        (":path", DATES),
        (":scheme", "https"),
        (":authority", "localhost"),
        ("authorization", bearer("get_available_dates")["Authorization"]),
    ]
    try:
        for number in range(5_000):
            stream = 2 * number + 1
            protocol.send_headers(stream, headers, end_stream=True)
            protocol.reset_stream(stream)
            connection.sendall(protocol.data_to_send())
    except OSError:
        return  # it closed the connection
    time.sleep(0.5)
