"""A server, in this process, of one query that takes its time; for tests of what waiting is like."""

import json
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt

TOKEN = jwt.encode({"sub": "analyst"}, "a key that is long enough for the algorithm", algorithm="HS256")


SECONDS = 30


class SlowServer(ThreadingHTTPServer):
    """The server, and what it saw.

    Parameters
    ----------
    holds_polls
        Whether a poll gets no answer, rather than the answer that the query is being executed.
    ready_after
        After how many polls the query is ready; never by default.
    """

    daemon_threads = True

    def __init__(self, *, holds_polls: bool = False, ready_after: float = math.inf) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.holds_polls = holds_polls
        self.ready_after = ready_after
        self.polls = 0
        self.polled = threading.Event()
        self.left = threading.Event()

    @property
    def url(self) -> str:
        """Return where it answers."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers the routes that a waiting client uses."""

    protocol_version = "HTTP/1.1"
    server: SlowServer

    def answer(self, status: int, content: object, **headers: str) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(202, {}, Location="/api/0/poll/Q")

    def do_GET(self) -> None:
        if self.path == "/api/0/available_dates":
            if self.server.holds_polls and not self.server.left.wait(SECONDS):
                self.answer(500, {"msg": "The connection of the poll was left open."})
                return
            self.answer(200, {"available_dates": {"calls": ["2016-01-01"]}})
            return
        if self.path == "/api/0/get/Q":
            self.answer(200, {"query_id": "Q", "query_result": [{"pcod": "A", "value": 16}]})
            return
        self.server.polls += 1
        if self.server.polls > self.server.ready_after:
            self.answer(303, {}, Location="/api/0/get/Q")
            return
        if not self.server.holds_polls:
            self.answer(202, {"status": "executing", "progress": {"eligible": 1, "queued": 0, "running": 1}})
            self.server.polled.set()
            return
        self.server.polled.set()
        # Nothing more comes from a client that waits; an empty read says that it closed the connection.
        if self.connection.recv(1) == b"":
            self.server.left.set()
        self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Stay silent."""


@contextmanager
def slow_server(**options: Any) -> Iterator[SlowServer]:
    """Run the server; its parameters are those of `SlowServer`."""
    with SlowServer(**options) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
