"""What can be wrong with a backup."""

from flowdb.errors import FlowDBError


class BackupError(FlowDBError):
    """A backup cannot be taken, checked or restored; the text says which and why."""
