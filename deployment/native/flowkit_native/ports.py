"""The ports of an installation: chosen once, remembered, free."""

import json
import socket
from pathlib import Path

ADDRESS = "127.0.0.1"


class NoFreePortError(Exception):
    """No port at or above the preferred one is free."""


def is_free(port: int) -> bool:
    """Tell whether nothing listens on a port of this machine."""
    with socket.socket() as candidate:
        # As servers do, so that a port that a server left a moment ago counts as free.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((ADDRESS, port))
        except OSError:
            return False
    return True


def next_free(preferred: int, taken: set[int]) -> int:
    """Return the preferred port, or the first free one above it.

    Raises
    ------
    NoFreePortError
        If none of the next 200 ports is free.
    """
    for port in range(preferred, min(preferred + 200, 65536)):
        if port not in taken and is_free(port):
            return port
    raise NoFreePortError(f"No free port between {preferred} and {min(preferred + 199, 65535)}.")


def read(file: Path) -> dict[str, int]:
    """Return the remembered ports; none if there are none yet."""
    if not file.is_file():
        return {}
    return {str(name): int(port) for name, port in json.loads(file.read_text()).items()}


def choose(file: Path, preferred: dict[str, int]) -> dict[str, int]:
    """Choose a free port for each service and remember it.

    A remembered port is kept while it is free; another program may have taken it since.
    Call it only while the services are down: their own ports would count as taken.
    """
    remembered = read(file)
    chosen: dict[str, int] = {}
    for name, port in preferred.items():
        chosen[name] = next_free(remembered.get(name, port), set(chosen.values()))
    file.write_text(json.dumps(chosen, indent=2) + "\n")
    return chosen
