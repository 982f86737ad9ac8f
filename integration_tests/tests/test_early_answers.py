"""A request that is refused before its body was read does not spoil the client's next one."""

import contextlib
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

SECONDS = 10
LEAVES_THE_BODY = ("/api/0/nowhere", "/api/0/run", "/api/0/poll/x")


@pytest.fixture
def connection(stack_url: str) -> Iterator[socket.socket]:
    address = urlsplit(stack_url)
    with contextlib.closing(
        socket.create_connection((address.hostname or "", address.port or 0), timeout=SECONDS)
    ) as connection:
        yield connection


def head(method: str, path: str, length: int) -> bytes:
    """Return the first part of a request."""
    lines = f"{method} {path} HTTP/1.1", "Host: test", "Content-Type: application/json"
    return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode()


def answer(connection: socket.socket) -> bytes:
    """Return a whole answer; what is still to come of it when the head is there is short."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65_536)
        assert part, "the server closed the connection"
        received += part
    fields = received.lower().partition(b"\r\n\r\n")
    length = int(fields[0].partition(b"content-length: ")[2].split(b"\r\n")[0])
    missing = length - len(fields[2])
    while missing > 0:
        part = connection.recv(missing)
        received += part
        missing -= len(part)
    return received


@pytest.mark.parametrize("path", LEAVES_THE_BODY)
def test_a_body_that_comes_later_is_awaited(connection: socket.socket, path: str) -> None:
    connection.sendall(head("POST", path, 2))
    time.sleep(0.2)
    connection.sendall(b"{}")
    assert answer(connection).split()[1] in (b"401", b"404", b"405")
    connection.sendall(head("GET", "/", 0))
    assert answer(connection).split()[1] == b"200"


@pytest.mark.parametrize("length", [2, 10_000_000])
def test_a_body_that_does_not_come_ends_the_connection(connection: socket.socket, length: int) -> None:
    connection.sendall(head("POST", "/api/0/nowhere", length))
    received = answer(connection)
    assert received.split()[1] == b"404"
    assert b"connection: close" in received.lower()
    assert connection.recv(1) == b""
