"""A server that publishes a FlowAPI specification."""

import json
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


@pytest.fixture(scope="session")
def spec_url() -> Iterator[str]:
    """Address of the server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SpecHandler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
