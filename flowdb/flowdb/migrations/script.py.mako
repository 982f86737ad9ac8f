"""${message}."""

from flowdb.migrations import run_scripts

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Bring the schema to this revision."""
    run_scripts(revision)
