"""Making a cluster from a backup."""

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

from flowdb.backup.check import check
from flowdb.backup.description import ARCHIVE, FILES, MANIFEST, WAL_ARCHIVE, WAL_FILES, Description, describe
from flowdb.backup.errors import BackupError
from flowdb.backup.files import free_bytes, sync_directory
from flowdb.backup.manifest import opened_archive
from flowdb.backup.progress import Report, readable
from flowdb.creation import RESTORING, clear_attempt, cluster_attempt, refuse_unless_free
from flowdb.programs import SystemUser, programs_of_version
from flowdb.settings import ClusterLocation

_BLOCK = 1 << 20
# What belongs to the server that was copied, not to its data: locks of its sockets, logs of its starts.
_LEFT_BEHIND = (".s.PGSQL.", "postmaster.", "server.log", "preparation.log", MANIFEST)


def check_backup(backup: Path, progress: Callable[[str], Report]) -> Description:
    """Compare a backup with its manifest; return what it says about itself."""
    description = describe(backup)
    programs = programs_of_version(description.postgresql_major, f"The backup '{backup}'")
    check(backup, description, programs, progress("Checked"))
    return description


def restore_backup(
    location: ClusterLocation,
    backup: Path,
    say: Callable[[str], None],
    progress: Callable[[str], Report],
) -> Description:
    """Make a cluster from a backup; an interrupted restore is never taken for one.

    Parameters
    ----------
    location
        The data directory, which must be empty or not there, and the system user that owns it.
    backup
        A directory that `flowdb backup` made.
    say
        Told what is done next.
    progress
        Makes the report of a step with the given name.

    Raises
    ------
    BackupError
        If the backup is incomplete, damaged, of another version, or does not fit on the disk.
    ClusterError
        If there is something in the data directory.
    """
    backup = backup.absolute()
    description = describe(backup)
    user = SystemUser.for_cluster(location.system_user)
    programs = programs_of_version(description.postgresql_major, f"The backup '{backup}'")
    data_directory = location.data_directory.absolute()
    refuse_unless_free(data_directory, RESTORING)
    needed = max(description.restored_bytes, 0 if description.compressed else description.backup_bytes)
    if (free := free_bytes(data_directory)) < needed:
        raise BackupError(
            f"'{data_directory}' has {readable(free)} free, and the backup needs {readable(needed)}."
        )
    say("Checking the backup against its manifest.")
    check(backup, description, programs, progress("Checked"))
    with cluster_attempt(data_directory, user, RESTORING) as attempt:
        try:
            say(f"Restoring into '{data_directory}'.")
            fill = _unpack if description.compressed else _copy
            fill(backup / FILES, attempt.directory, progress("Restored"))
            _hand_over(attempt.directory, user)
            say("Writing everything through to the disk.")
            synced = user.run([programs / "initdb", "--sync-only", "--pgdata", attempt.directory])
            if synced.returncode != 0:
                raise BackupError(f"The restored files cannot be written: {synced.stderr.strip()}")
            for path in sorted(attempt.directory.iterdir()):
                path.rename(data_directory / path.name)
            sync_directory(data_directory)
        except BaseException as error:
            # Nobody else's: the directory was found empty, and its mark kept others out.
            clear_attempt(data_directory, RESTORING)
            if isinstance(error, OSError):
                raise BackupError(
                    f"The restore into '{data_directory}' failed: {error.strerror}. It is empty again."
                ) from error
            raise
    sync_directory(data_directory)
    return description


def settings_by_hand(data_directory: Path) -> list[str]:
    """Return the names of the settings that ALTER SYSTEM had made: they come with the data."""
    file = data_directory / "postgresql.auto.conf"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [line.partition("=")[0].strip() for line in lines if "=" in line and not line.startswith("#")]


def _is_left_behind(name: str) -> bool:
    return name.startswith(_LEFT_BEHIND)


def _copy(files: Path, attempt: Path, report: Report) -> None:
    """Copy the files of a backup."""
    paths = [path for path in files.rglob("*") if not _is_left_behind(path.relative_to(files).as_posix())]
    total = sum(path.stat().st_size for path in paths if path.is_file())
    done = 0
    for path in sorted(paths):
        target = attempt / path.relative_to(files)
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise BackupError(f"'{path}' is neither a file nor a directory: the backup is damaged.")
        if path.is_dir():
            target.mkdir()
            continue
        with path.open("rb") as source, target.open("xb") as copy:
            while block := source.read(_BLOCK):
                copy.write(block)
                done += len(block)
                report(min(done, total - 1), total)
    report(total, total)


def _unpack(files: Path, attempt: Path, report: Report) -> None:
    """Unpack the archives of a backup."""
    archives = {files / ARCHIVE: attempt, files / WAL_ARCHIVE: attempt / WAL_FILES}
    total = sum(path.stat().st_size for path in archives)
    before = 0
    for path, directory in archives.items():
        with opened_archive(path) as (archive, raw):
            for member in archive:
                if not _is_left_behind(member.name):
                    _unpack_member(archive, member, directory)
                report(min(before + raw.tell(), total - 1), total)
        before += path.stat().st_size
    report(total, total)


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, directory: Path) -> None:
    target = directory / member.name
    if not target.resolve().is_relative_to(directory.resolve()):
        raise BackupError(f"The archive holds '{member.name}', which leads out of it: it is damaged.")
    if member.isdir():
        target.mkdir(exist_ok=True)
        return
    content = archive.extractfile(member)
    if content is None:
        raise BackupError(f"The archive holds '{member.name}', which is no file: it is damaged.")
    with content, target.open("xb") as copy:
        shutil.copyfileobj(content, copy, _BLOCK)


def _hand_over(attempt: Path, user: SystemUser) -> None:
    """Give every file to the system user, closed to all others."""
    for path in attempt.rglob("*"):
        user.own(path, 0o700 if path.is_dir() else 0o600)
