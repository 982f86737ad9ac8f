"""The cluster: making, starting, stopping and asking after the PostgreSQL server of FlowDB."""

import hashlib
import logging
import math
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812

from flowdb.checks import refuse_without_library
from flowdb.config import HOST_BASED_AUTHENTICATION, Machine, inclusion, render
from flowdb.creation import ATTEMPT, RESTORING, ClusterError, cluster_attempt, make_cluster
from flowdb.database import connect
from flowdb.passwords import scram_verifier
from flowdb.processes import NOBODY_CONNECTS, is_preparing, is_stopping, left_by_killed, server_of
from flowdb.programs import ProgramError, SystemUser, find_programs
from flowdb.schema import create_database, migrate
from flowdb.settings import ClusterLocation, ConnectionSettings, ServerSettings

LOG = logging.getLogger(__name__)
CONFIGURATION = "postgresql.configurator.conf"
# The longest path of a socket that the kernel takes, less the name PostgreSQL adds to the directory.
_LONGEST_SOCKET_DIRECTORY = 107 - len("/.s.PGSQL.65535.lock")
_START_SECONDS = 60.0
_SECONDS_BETWEEN_MESSAGES = 10.0
_RECOVERING = ("starting up", "not yet accepting connections", "in recovery mode")


@dataclass(frozen=True)
class Status:
    """Whether a server runs in a data directory.

    Attributes
    ----------
    pid
        Process id of the server, or None if none runs.
    """

    pid: int | None

    @property
    def running(self) -> bool:
        """Say whether the server runs."""
        return self.pid is not None


class Cluster:
    """A data directory and the server in it."""

    def __init__(self, location: ClusterLocation) -> None:
        self.data_directory = location.data_directory.absolute()
        self.user = SystemUser.for_cluster(location.system_user)
        self._wanted_socket_directory = location.socket_directory

    @property
    def socket_directory(self) -> Path:
        """Return where the socket is: by default the data directory, which is closed to others."""
        if self._wanted_socket_directory is not None:
            return self._wanted_socket_directory
        if len(os.fsencode(self.data_directory)) <= _LONGEST_SOCKET_DIRECTORY:
            return self.data_directory
        digest = hashlib.sha256(os.fsencode(self.data_directory)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"flowdb-{digest}"

    @property
    def exists(self) -> bool:
        """Say whether there is a cluster in the data directory."""
        configured = (self.data_directory / CONFIGURATION).exists()
        return configured and not any((self.data_directory / mark).exists() for mark in (ATTEMPT, RESTORING))

    def _program(self, name: str) -> Path:
        return find_programs(self.data_directory) / name

    def status(self) -> Status:
        """Ask whether a server runs in the data directory."""
        return Status(server_of(self.data_directory))

    @property
    def serves(self) -> bool:
        """Say whether a server runs that is there to stay: neither stopping nor being prepared."""
        passing = is_stopping(self.data_directory) or is_preparing(self.data_directory)
        return self.status().running and not passing

    def initialise(self, settings: ServerSettings) -> bool:
        """Make the cluster unless it is there; return whether it was made.

        The directory counts as a cluster only once everything in it is done, so an interrupted
        attempt is repeated from the start.
        """
        if self.exists:
            return False
        with cluster_attempt(self.data_directory, self.user) as attempt:
            make_cluster(attempt, self.user, self._program("initdb"), settings)
            with (attempt.directory / "postgresql.conf").open("a", encoding="utf-8") as file:
                file.write(f"\ninclude '{CONFIGURATION}'\n")
            for path in sorted(attempt.directory.iterdir()):
                path.rename(self.data_directory / path.name)
            self.configure(settings)
        return True

    def configure(self, settings: ServerSettings) -> None:
        """Write the configuration files from the settings and the machine."""
        machine = Machine.here(self.data_directory)
        text = render(settings, machine) + f"unix_socket_directories = '{self.socket_directory}'\n"
        included = self.data_directory / CONFIGURATION
        contents = {included: text, self.data_directory / "pg_hba.conf": HOST_BASED_AUTHENTICATION}
        if (moved := self._configuration_file(settings)) != included:
            # postgresql.conf names the file in the data directory, once and for all.
            contents |= {included: inclusion(moved), moved: text}
        for path, content in contents.items():
            path.write_text(content, encoding="utf-8")
            self.user.own(path, 0o600)
        self.socket_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._wanted_socket_directory is None:
            self.user.own(self.socket_directory, 0o700)

    def _configuration_file(self, settings: ServerSettings) -> Path:
        """Return where the configuration is written: a directory or a file that the settings name."""
        name = settings.configuration_name or CONFIGURATION
        place = settings.configuration_path or self.data_directory
        return place / name if place == self.data_directory or place.is_dir() else place

    def prepare(
        self, settings: ServerSettings, then: Callable[[ConnectionSettings], None] | None = None
    ) -> None:
        """Make the cluster if needed and bring it up to date, while nobody else can connect.

        The server listens on its socket only until schema and roles are complete and `then`, which is
        told how to connect, has returned: so whoever reaches it over TCP finds it ready.
        """
        self._refuse_if_running()
        refuse_without_library(settings, find_programs(self.data_directory))
        self.initialise(settings)
        self.configure(settings)
        try:
            self._bring_up_to_date(settings, then)
        except psycopg2.OperationalError as error:
            if "password authentication failed" not in str(error):
                raise
            LOG.info("the password of the superuser has changed: setting the new one")
            self._set_superuser_password(settings)
            self._bring_up_to_date(settings, then)

    def _bring_up_to_date(
        self, settings: ServerSettings, then: Callable[[ConnectionSettings], None] | None
    ) -> None:
        with self._socket_only(settings):
            create_database(settings, str(self.socket_directory))
            migrate(settings, str(self.socket_directory))
            if then is not None:
                then(settings.model_copy(update={"host": str(self.socket_directory)}))

    def _refuse_if_running(self) -> None:
        # A server whose supervisor was killed is on its way out, and so is one that is being prepared; the
        # processes of one that was itself killed notice that late, if they are in a long step.
        deadline = time.monotonic() + _START_SECONDS
        passing = (is_stopping, is_preparing, left_by_killed)
        while any(is_so(self.data_directory) for is_so in passing):
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
        if (pid := self.status().pid) is not None:
            raise ClusterError(f"FlowDB already runs in '{self.data_directory}' (process {pid}).")
        if left := left_by_killed(self.data_directory):
            raise ClusterError(
                f"Processes of a server that was killed still use '{self.data_directory}': "
                f"end them ({', '.join(map(str, left))}), then try again."
            )

    @contextmanager
    def _socket_only(self, settings: ServerSettings) -> Iterator[None]:
        log_path = self.data_directory / "preparation.log"
        with log_path.open("wb") as log:
            self.user.own(log_path, 0o600)
            server = self.user.spawn(
                [
                    *(self._program("postgres"), "-D", self.data_directory),
                    *("-c", NOBODY_CONNECTS),
                    *("-c", "logging_collector=off", "-c", "log_destination=stderr"),
                ],
                output=log,
            )
        try:
            self._wait(settings, server, str(self.socket_directory), log_path)
            yield
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()

    def _wait(
        self, settings: ServerSettings, server: subprocess.Popen[bytes], host: str, log: Path | None = None
    ) -> None:
        """Wait until the server answers; a wrong password is an answer that is passed on.

        After a crash it first replays its write-ahead log, which takes as long as it takes: to give up then
        would begin it again from the start.
        """
        began = time.monotonic()
        deadline, next_message = began + _START_SECONDS, began + _SECONDS_BETWEEN_MESSAGES
        while True:
            if server.poll() is not None:
                said = log.read_text(errors="replace").strip() if log else "see its log"
                raise ClusterError(f"PostgreSQL ended at its start: {said}")
            now = time.monotonic()
            try:
                with connect(settings, host, "postgres") as connection:
                    if not _replays_an_archive(connection):
                        return
                deadline = now + _START_SECONDS
            except psycopg2.OperationalError as error:
                if any(text in str(error) for text in _RECOVERING):
                    deadline = now + _START_SECONDS
                elif "password authentication failed" in str(error) or now > deadline:
                    raise
            if now > next_message:
                LOG.warning("PostgreSQL recovers what was not written to its files yet: %.0f s", now - began)
                next_message = now + _SECONDS_BETWEEN_MESSAGES
            # A starting server cannot be waited for: it has no event to offer.
            time.sleep(0.05)

    def _set_superuser_password(self, settings: ServerSettings) -> None:
        """Set the password in single-user mode, where the owner of the files needs none."""
        from sqlalchemy.dialects import postgresql

        role = postgresql.dialect().identifier_preparer.quote_identifier(settings.superuser)
        verifier = scram_verifier(settings.superuser_password.get_secret_value())
        command: list[str | Path] = [
            self._program("postgres"),
            "--single",
            "-D",
            self.data_directory,
            "postgres",
        ]
        result = self.user.run(command, stdin=f"ALTER ROLE {role} PASSWORD '{verifier}'\n")
        if result.returncode != 0 or "ERROR" in result.stderr:
            raise ClusterError(f"The password of '{settings.superuser}' cannot be set.")

    def serve(self, settings: ServerSettings) -> int:
        """Serve until told to stop, and return the exit code of the server.

        SIGTERM and SIGINT end client sessions and shut down in good order.
        """
        self._refuse_if_running()
        server = self.user.spawn([self._program("postgres"), "-D", self.data_directory])

        def stop(_signal: int, _frame: object) -> None:
            server.send_signal(signal.SIGINT)

        previous = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            return server.wait()
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def start(self, settings: ServerSettings) -> None:
        """Start the server in the background and return once it answers."""
        self._refuse_if_running()
        result = self.user.run(
            [
                *(self._program("pg_ctl"), "start", "--pgdata", self.data_directory, "--wait", "--silent"),
                *("--timeout", str(int(_START_SECONDS)), "--log", self.data_directory / "server.log"),
            ]
        )
        if result.returncode != 0:
            raise ClusterError(f"PostgreSQL did not start: see '{self.data_directory / 'server.log'}'.")
        with connect(settings, str(self.socket_directory)):
            LOG.info("FlowDB answers on port %s", settings.port)

    def stop(
        self, waiting: Callable[[float], None] = lambda _seconds: None, timeout: float = math.inf
    ) -> bool:
        """Stop the server; return whether one ran.

        Sessions are ended, and what is only in memory is written to the files: that may take minutes.

        Parameters
        ----------
        waiting
            Told every ten seconds for how many it has taken.
        timeout
            Seconds after which to give up waiting; the server goes on stopping.
        """
        if (pid := self.status().pid) is None:
            return False
        result = self.user.run(
            [
                *(self._program("pg_ctl"), "stop", "--pgdata", self.data_directory),
                *("--mode", "fast", "--no-wait"),
            ]
        )
        if result.returncode != 0 and self.status().pid == pid:
            raise ClusterError(f"PostgreSQL cannot be told to stop: {result.stderr.strip()}")
        began = time.monotonic()
        next_message = began + _SECONDS_BETWEEN_MESSAGES
        while self.status().pid == pid:
            now = time.monotonic()
            if now - began > timeout:
                raise ClusterError(
                    f"FlowDB has not stopped within {timeout:g} s (process {pid}): it is still writing to "
                    "its files. Wait for it with flowdb stop."
                )
            if now > next_message:
                waiting(now - began)
                next_message = now + _SECONDS_BETWEEN_MESSAGES
            # The server is not our child: its end is no event to us.
            time.sleep(0.05)
        return True


def _replays_an_archive(connection: Connection) -> bool:
    """Ask whether the server reads an archive of its log, as in a recovery to a point in time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        return cursor.fetchone() == (True,)


__all__ = ["Cluster", "ClusterError", "ProgramError", "Status"]
