"""The health route and command of a server whose services are there."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx


def test_route(http_client: Callable[..., httpx.Client]) -> None:
    response = http_client(http2=True).get("/api/0/health")
    assert response.status_code == 200
    body = response.json()
    assert (body["status"], body["flowmachine"], body["flowdb"]) == ("ok", {"status": "ok"}, {"status": "ok"})
    assert "server" not in response.headers


def test_command_over_tls(server: str, certificate: Path) -> None:
    command = [Path(sys.executable).parent / "flowapi", "health", "--ready"]
    environment = {
        "FLOWAPI_HOST": "127.0.0.1",
        "FLOWAPI_PORT": server.rpartition(":")[2],
        "FLOWKIT_SECRETS_DIR": str(certificate),
    }
    outcome = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20)
    assert outcome.returncode == 0, outcome.stderr
    assert '"status":"ok"' in outcome.stdout
