"""A server that publishes a FlowAPI specification."""

import contextlib
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

SPEC = {
    "components": {
        "securitySchemes": {
            "token": {
                "x-security-scopes": ["dummy_admin:dummy_query:dummy_query", "dummy_scope"],
                "x-audience": "DUMMY",
            }
        }
    }
}


class SpecHandler(BaseHTTPRequestHandler):
    """Answers like a FlowAPI server at /, like something else elsewhere."""

    def do_GET(self) -> None:
        """Answer."""
        bodies = {
            "/api/0/spec/openapi.json": json.dumps(SPEC).encode(),
            "/html/api/0/spec/openapi.json": b"<html>",
            "/other/api/0/spec/openapi.json": b"{}",
        }
        self.send_response(200 if self.path in bodies else 404)
        self.end_headers()
        self.wfile.write(bodies.get(self.path, b""))

    def log_message(self, format: str, *arguments: object) -> None:
        """Stay silent."""


class QuietServer(ThreadingHTTPServer):
    """Says nothing of clients that break off, as those do that refuse its certificate."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent."""


@contextlib.contextmanager
def serving_spec(tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve the specification; yield the port."""
    with QuietServer(("127.0.0.1", 0), SpecHandler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def spec_url() -> Iterator[str]:
    """Address of the server."""
    with serving_spec() as port:
        yield f"http://127.0.0.1:{port}"
