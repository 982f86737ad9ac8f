"""The queries that FlowMachine has accepted, and how they ended."""

from flowdb.migrations import run_scripts

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bring a database at 0003 to this revision."""
    run_scripts(revision)
