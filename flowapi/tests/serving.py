"""FlowAPI as operators run it: a process of its own command."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flowapi.settings import FlowapiSettings
from flowdb.testing import free_port

FLOWAPI = Path(sys.executable).parent / "flowapi"


@dataclass(frozen=True)
class Served:
    """A FlowAPI that answers, and where it writes its logs."""

    url: str
    port: int
    process: subprocess.Popen[bytes]
    stdout: Path
    stderr: Path

    def resident_bytes(self) -> int:
        """Return how much memory it holds."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


def environment(settings: FlowapiSettings, directory: Path, port: int, **more: str) -> dict[str, str]:
    """Return the variables for these settings; secrets are in the directory."""
    return os.environ | {
        "FLOWAPI_HOST": "127.0.0.1",
        "FLOWAPI_PORT": str(port),
        "FLOWAPI_IDENTIFIER": settings.identifier,
        "PUBLIC_JWT_SIGNING_KEY": settings.public_keys,
        "FLOWMACHINE_HOST": settings.flowmachine_host,
        "FLOWMACHINE_PORT": str(settings.flowmachine_port),
        "FLOWDB_HOST": settings.flowdb_host,
        "FLOWDB_PORT": str(settings.flowdb_port),
        "FLOWAPI_FLOWDB_PASSWORD": settings.flowdb_password.get_secret_value(),
        "FLOWKIT_SECRETS_DIR": str(directory),
        **more,
    }


@contextlib.contextmanager
def served(settings: FlowapiSettings, directory: Path, **more: str) -> Iterator[Served]:
    """Serve until the end of the block; with TLS if a certificate is in the directory."""
    port = free_port()
    scheme = "https" if (directory / "cert-flowkit.pem").exists() else "http"
    stdout, stderr = directory / f"stdout-{port}", directory / f"stderr-{port}"
    with stdout.open("w") as out, stderr.open("w") as err:
        process = subprocess.Popen(
            [FLOWAPI], env=environment(settings, directory, port, **more), stdout=out, stderr=err
        )
        try:
            _wait_until_it_answers(port, process, stderr)
            yield Served(f"{scheme}://localhost:{port}", port, process, stdout, stderr)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes], stderr: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise RuntimeError(f"FlowAPI did not start: {stderr.read_text()}")
