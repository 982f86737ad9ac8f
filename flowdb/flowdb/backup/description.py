"""What a backup says about itself, and where its parts are."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from flowdb.backup.errors import BackupError

DESCRIPTION = "flowdb-backup.json"
"""The file that makes a directory a backup: it is written when everything else is there and checked."""
FILES = "data"
"""The directory of the files as pg_basebackup wrote them."""
MANIFEST = "backup_manifest"
ARCHIVE = "base.tar.gz"
WAL_ARCHIVE = "pg_wal.tar.gz"
WAL_FILES = "pg_wal"
_FORMAT = 1


class Description(BaseModel, frozen=True):
    """What a backup holds.

    Attributes
    ----------
    format
        The version of the layout of backups.
    flowdb_version, schema_revision
        The release that the database reported, and the migration it had reached.
    postgresql_version
        The version of its server.
    taken_from, taken_at
        When the backup began, and the moment that it shows: when it ended.
    compressed
        Whether it consists of compressed archives.
    restored_bytes
        The size of the files it restores.
    backup_bytes
        The size of the backup.
    log_sha256
        The SHA-256 of the files of the write-ahead log, which PostgreSQL's manifest leaves out.
    """

    format: int = _FORMAT
    flowdb_version: str
    schema_revision: str | None
    postgresql_version: str
    taken_from: datetime
    taken_at: datetime
    compressed: bool
    restored_bytes: int
    backup_bytes: int
    log_sha256: dict[str, str]

    @property
    def postgresql_major(self) -> int:
        """Return the major version that can serve the files."""
        return int(self.postgresql_version.split(".", 1)[0])


def describe(backup: Path) -> Description:
    """Read what a backup says about itself.

    Raises
    ------
    BackupError
        If it is none, or of another layout.
    """
    file = backup / DESCRIPTION
    if not backup.is_dir():
        raise BackupError(f"'{backup}' is not a directory: name one that flowdb backup made.")
    if not file.exists():
        raise BackupError(f"'{backup}' is no backup of FlowDB: it holds no {DESCRIPTION}.")
    try:
        description = Description.model_validate_json(file.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError):
        raise BackupError(f"The backup '{backup}' is damaged: its {DESCRIPTION} cannot be read.") from None
    if description.format != _FORMAT:
        raise BackupError(
            f"The backup '{backup}' has layout {description.format}, and this release of FlowDB reads "
            f"layout {_FORMAT}: restore it with the release that made it."
        )
    return description
