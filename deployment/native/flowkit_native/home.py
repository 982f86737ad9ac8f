"""Where the files of one installation are."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

# A Unix socket's path must fit into 108 bytes, and supervisor appends its pid while it makes the socket.
LONGEST_SOCKET_PATH = 92


@dataclass(frozen=True)
class Home:
    """The private directory of an installation.

    Parameters
    ----------
    path
        Absolute path of the directory, as in ``FLOWKIT_HOME``.
    checkout
        The checkout whose services run.
    """

    path: Path
    checkout: Path

    @property
    def secrets(self) -> Path:
        """One directory of secret files for each service."""
        return self.path / "secrets"

    @property
    def logs(self) -> Path:
        """One log file for each service."""
        return self.path / "logs"

    @property
    def ports_file(self) -> Path:
        """The ports chosen at first start."""
        return self.path / "ports.json"

    @property
    def flowdb(self) -> Path:
        """The data directory of the database cluster."""
        return self.path / "flowdb"

    @property
    def redis(self) -> Path:
        """Configuration and data of Redis."""
        return self.path / "redis"

    @property
    def demo(self) -> Path:
        """What the demo draws."""
        return self.path / "demo"

    @property
    def run(self) -> Path:
        """The supervisor's socket and pid file."""
        directory = self.path / "run"
        if len(os.fsencode(directory / "supervisor.sock")) <= LONGEST_SOCKET_PATH:
            return directory
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"flowkit-{os.getuid()}-{digest}"

    @property
    def socket(self) -> Path:
        """The socket on which the supervisor takes orders."""
        return self.run / "supervisor.sock"

    def make(self) -> None:
        """Make the directories; only their owner can read what matters."""
        self.path.mkdir(parents=True, exist_ok=True)
        for directory in (self.secrets, self.logs, self.run, self.demo):
            directory.mkdir(mode=0o700, exist_ok=True)
        owner = self.run.stat().st_uid
        if owner != os.getuid():
            raise PermissionError(f"{self.run} belongs to the user with id {owner}, not to you.")

    def remove_data(self) -> list[Path]:
        """Remove everything but the tools; return what was removed."""
        doomed = [
            path
            for path in (
                *(self.flowdb, self.redis, self.secrets, self.logs, self.run, self.demo),
                self.ports_file,
            )
            if path.exists()
        ]
        for path in doomed:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        return doomed
