"""Taking a backup of a running FlowDB."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flowdb.backup.check import check_files, checksums_of_log
from flowdb.backup.description import DESCRIPTION, FILES, Description
from flowdb.backup.errors import BackupError
from flowdb.backup.files import free_bytes, size_of, sync_directory, write_synced
from flowdb.backup.password import password_file
from flowdb.backup.progress import Report, readable
from flowdb.backup.running import run_reporting
from flowdb.database import connect
from flowdb.programs import programs_of_version
from flowdb.settings import ConnectionSettings

# More compression costs much more time than it saves disk.
_COMPRESSION = "client-gzip:2"


@dataclass(frozen=True)
class _Server:
    flowdb_version: str
    schema_revision: str | None
    version: str
    major: int
    size: int


def take_backup(
    settings: ConnectionSettings,
    target: Path,
    compressed: bool,
    say: Callable[[str], None],
    progress: Callable[[str], Report],
) -> Description:
    """Copy a running database into a new directory, which appears only when it is complete and checked.

    Parameters
    ----------
    settings
        How to reach the server.
    target
        The directory to make.
    compressed
        Whether to keep compressed archives instead of files.
    say
        Told what is done next.
    progress
        Makes the report of a step with the given name.

    Raises
    ------
    BackupError
        If the target is there already, cannot be made, or the copy fails.
    """
    target = target.absolute()
    _refuse_bad_target(target)
    server = _ask(settings)
    programs = programs_of_version(server.major, f"The server on {settings.host} port {settings.port}")
    if not compressed and free_bytes(target.parent) < server.size:
        raise BackupError(
            f"'{target.parent}' has {readable(free_bytes(target.parent))} free, and the backup needs about "
            f"{readable(server.size)}: take it elsewhere, or with --compress."
        )
    began = datetime.now(UTC)
    with _incomplete(target) as directory:
        say("Waiting for a checkpoint, then copying.")
        _copy(settings, programs, directory / FILES, compressed, progress("Copied"))
        ended = datetime.now(UTC)
        say("Checking the backup against its manifest.")
        manifest = check_files(directory, compressed, programs, progress("Checked"))
        description = Description(
            flowdb_version=server.flowdb_version,
            schema_revision=server.schema_revision,
            postgresql_version=server.version,
            taken_from=began,
            taken_at=ended,
            compressed=compressed,
            restored_bytes=manifest.total,
            backup_bytes=size_of(directory),
            log_sha256=checksums_of_log(directory),
        )
        write_synced(directory / DESCRIPTION, f"{description.model_dump_json(indent=2)}\n")
        sync_directory(directory)
        directory.rename(target)
        sync_directory(target.parent)
    return description


def _refuse_bad_target(target: Path) -> None:
    if target.exists() or target.is_symlink():
        has_room = target.is_dir() and not (target / DESCRIPTION).exists()
        inside = f", such as '{target / datetime.now(UTC).date().isoformat()}'" if has_room else ""
        raise BackupError(f"'{target}' exists already: name a directory that is not there yet{inside}.")
    if not target.parent.is_dir():
        raise BackupError(f"'{target.parent}' is not a directory: is the disk for backups mounted?")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise BackupError(
            f"'{target.parent}' cannot be written by the user that takes the backup (uid {os.geteuid()})."
        )


def _ask(settings: ConnectionSettings) -> _Server:
    """Ask the server what it is, and refuse what the backup would not restore."""
    with connect(settings) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT version FROM flowdb_version()), "
            "(SELECT version_num FROM public.alembic_version), "
            "split_part(current_setting('server_version'), ' ', 1), "
            "current_setting('server_version_num')::int / 10000, "
            "(SELECT sum(pg_database_size(oid))::bigint FROM pg_database)"
        )
        row = cursor.fetchone()
        cursor.execute(
            "SELECT spcname FROM pg_tablespace WHERE pg_tablespace_location(oid) <> '' ORDER BY spcname"
        )
        if tablespaces := [name for (name,) in cursor.fetchall()]:
            raise BackupError(
                f"The database has tablespaces outside its data directory ({', '.join(tablespaces)}): "
                "take the backup with pg_basebackup, whose --tablespace-mapping says where they go."
            )
    if row is None:
        raise AssertionError("a query without a table returns a row")
    return _Server(*row)


@contextmanager
def _incomplete(target: Path) -> Iterator[Path]:
    """Yield an empty directory beside the target, which is removed unless it was renamed.

    One that an interrupted backup left is used again; one that a backup is using is not.
    """
    directory = target.parent / f".{target.name}.incomplete"
    directory.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup to '{target}' is being taken.") from None
        for left in directory.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        try:
            yield directory
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise
    finally:
        os.close(descriptor)


def _copy(
    settings: ConnectionSettings, programs: Path, directory: Path, compressed: bool, report: Report
) -> None:
    form = ["--format=tar", "--compress", _COMPRESSION] if compressed else ["--format=plain"]
    with password_file(settings.superuser_password.get_secret_value()) as (descriptor, path):
        ended = run_reporting(
            [
                programs / "pg_basebackup",
                *("--pgdata", str(directory), *form),
                *("--host", settings.host, "--port", str(settings.port), "--username", settings.superuser),
                *("--no-password", "--progress", "--checkpoint=fast", "--wal-method=stream"),
                *("--manifest-checksums=SHA256", "--label=flowdb backup"),
            ],
            report,
            {"PGPASSFILE": path, "PGAPPNAME": "flowdb backup"},
            [descriptor],
        )
    if ended.code != 0:
        raise BackupError(f"The backup failed: {ended.first_error}.")
