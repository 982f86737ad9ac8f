"""The console script ``flowmachine``: serve, ask a running server whether it is well, or make keys."""

import argparse
import json
import sys
from pathlib import Path

import zmq

from flowkit_jwt_generator.settings import SettingsError, load_settings
from flowmachine.core.errors import OldFlowDBError
from flowmachine.core.settings import EndpointSettings, ServerSettings
from flowmachine.server.security import Security, write_keys

DEADLINE_MS = 9000


def unwell(settings: EndpointSettings, timeout_ms: int = DEADLINE_MS) -> str:
    """Return what is wrong with the server of this host and what it needs; empty if nothing is."""
    security = Security.from_settings(settings)
    with zmq.Context() as context, context.socket(zmq.REQ) as socket:
        socket.linger = 0
        if security is not None:
            security.as_client(socket)
        socket.connect(f"tcp://127.0.0.1:{settings.port}")
        socket.send_json({"action": "health", "request_id": "health"})
        if not socket.poll(timeout_ms):
            return f"no server answers on port {settings.port}."
        reply = json.loads(socket.recv())
    return "" if reply["status"] == "success" else reply["msg"]


def _health() -> None:
    if problem := unwell(load_settings(EndpointSettings)):
        sys.exit(f"flowmachine: {problem}")


def _keys(directory: Path) -> None:
    try:
        paths = write_keys(directory)
    except FileExistsError as error:
        sys.exit(f"flowmachine: {error}")
    sys.stdout.write("".join(f"{path}\n" for path in paths))


def _serve() -> None:
    # Here, because the health command, which runs every few seconds, needs none of it.
    from flowmachine.server.serving import serve

    serve(load_settings(ServerSettings))


def main() -> None:
    """Run the console script."""
    parser = argparse.ArgumentParser(prog="flowmachine", description="The FlowMachine server.")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="serve (what is done without a command)")
    commands.add_parser("health", help="exit 0 if the server on this host, FlowDB and Redis answer")
    keys = commands.add_parser("keys", help="make CURVE keys for a server and its clients")
    keys.add_argument("directory", type=Path, help="where the files go, named as the secrets")
    given = parser.parse_args()
    try:
        if given.command == "health":
            _health()
        elif given.command == "keys":
            _keys(given.directory)
        else:
            _serve()
    except (OldFlowDBError, SettingsError) as error:
        sys.exit(f"flowmachine: {error}")
