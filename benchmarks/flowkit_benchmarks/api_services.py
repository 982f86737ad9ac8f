"""FlowAPI and a bare Quart application in processes of their own, and sockets that ask them."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric import rsa

from flowdb.testing import free_port
from flowkit_benchmarks.engine_services import START_SECONDS, Services
from flowkit_jwt_generator import generate_token
from flowkit_jwt_generator.keys import public_key_pem

AUDIENCE = "flowapi.benchmark"
HOST = "127.0.0.1"
ANSWER_SECONDS = 120
REQUESTS_PER_CONNECTION = 900
END = b"\r\n0\r\n\r\n"
"""How a chunked body ends. Less of it would be taken for the end of a row that ends in 0."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Listening:
    """A server, and the request that it is asked with.

    Attributes
    ----------
    port, pid
        Where it listens, and its process.
    authorization
        The header line that its requests need, empty if none.
    """

    port: int
    pid: int
    authorization: str = ""

    def resident_megabytes(self) -> float:
        """Return how much memory the process holds."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE / 1e6

    def _request(self, path: str, connection: str) -> bytes:
        lines = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{self.authorization}Connection: {connection}\r\n\r\n"
        return lines.encode()

    def ask(self, path: str, seconds: float) -> list[float]:
        """Ask again and again on one connection for so many seconds; return how long each answer took."""
        request, taken = self._request(path, "keep-alive"), list[float]()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            with socket.create_connection((HOST, self.port), timeout=ANSWER_SECONDS) as connection:
                # Hypercorn ends a connection after a thousand requests.
                for _ in range(REQUESTS_PER_CONNECTION):
                    started = time.perf_counter()
                    if started >= end:
                        break
                    connection.sendall(request)
                    _read_answer(connection)
                    taken.append(time.perf_counter() - started)
        return taken

    def download(self, path: str) -> int:
        """Receive a whole answer as a browser would, but look at nothing; return its size."""
        buffer, received, last = bytearray(1 << 20), 0, b""
        with socket.create_connection((HOST, self.port), timeout=ANSWER_SECONDS) as connection:
            connection.sendall(self._request(path, "close"))
            while count := connection.recv_into(buffer):
                if not received and not buffer.startswith(b"HTTP/1.1 200"):
                    raise click.ClickException(f"{path} was answered {bytes(buffer[:count])[:500]!r}.")
                received += count
                last = (last + buffer[max(count - len(END), 0) : count])[-len(END) :]
        if last != END:
            raise click.ClickException(f"{path} was broken off after {received} bytes.")
        return received


def _read_answer(connection: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    if head.split(b" ", 2)[1] not in (b"200", b"303"):
        raise click.ClickException(f"A request was answered {received[:500]!r}.")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        body += _some(connection)


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(65_536)
    if not received:
        raise click.ClickException("A connection was closed before the answer was whole.")
    return received


@contextmanager
def _process(
    command: Sequence[str | Path], environment: dict[str, str], port: int, directory: Path | None = None
) -> Iterator[int]:
    process = subprocess.Popen(
        command, env=environment, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection((HOST, port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise click.ClickException(f"{command[0]} did not start.") from None
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def flowapi(executable: Path, running: Services, *scopes: str) -> Iterator[Listening]:
    """Start a FlowAPI with one worker, asked with a token of these scopes."""
    key, port = rsa.generate_private_key(public_exponent=65537, key_size=2048), free_port()
    token = generate_token(
        flowapi_identifier=AUDIENCE,
        username="benchmark",
        private_key=key,
        lifetime=timedelta(hours=3),
        roles={"benchmark": list(scopes)},
    )
    host, _, flowmachine_port = running.addresses[0].removeprefix("tcp://").partition(":")
    environment = running.flowdb.environment | {
        "PATH": os.environ["PATH"],
        "FLOWAPI_HOST": HOST,
        "FLOWAPI_PORT": str(port),
        "FLOWAPI_IDENTIFIER": AUDIENCE,
        "PUBLIC_JWT_SIGNING_KEY": public_key_pem(key.public_key()).decode(),
        "FLOWMACHINE_HOST": host,
        "FLOWMACHINE_PORT": flowmachine_port,
    }
    with _process([executable], environment, port) as pid:
        yield Listening(port, pid, f"Authorization: Bearer {token}\r\n")


@contextmanager
def bare_route(executable: Path) -> Iterator[Listening]:
    """Start the bare application with the server and the environment of FlowAPI."""
    port = free_port()
    command: list[str | Path] = [
        executable.parent / "hypercorn",
        "--bind",
        f"{HOST}:{port}",
        "bare_route:app",
    ]
    environment = {"PATH": os.environ["PATH"]}
    with _process(command, environment, port, Path(__file__).parent) as pid:
        yield Listening(port, pid)
