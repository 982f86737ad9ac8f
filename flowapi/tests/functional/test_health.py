"""The health route and command of a server whose services are there."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
from query_schemas import published_schemas
from recorded_flowmachine import RecordedFlowMachine, success
from serving import Served
from signing import MakeToken

from flowapi.scopes import grantable_scopes


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


def test_a_token_that_is_not_compressed(
    http_client: Callable[..., httpx.Client], make_token: MakeToken, flowmachine: RecordedFlowMachine
) -> None:
    """With every scope of a server it is ten times the usual size of a header."""
    flowmachine.answers["get_available_dates"] = success({"calls": []})
    token = make_token({"role": grantable_scopes(published_schemas())}, compress=False)
    assert len(token) > 30_000
    for http2 in (False, True):
        headers = {"Authorization": f"Bearer {token}"}
        response = http_client(http2=http2).get("/api/0/available_dates", headers=headers)
        assert response.status_code == 200


def test_what_the_server_says_of_itself_is_json(running_server: Served) -> None:
    for line in running_server.stderr.read_text().splitlines():
        json.loads(line)
