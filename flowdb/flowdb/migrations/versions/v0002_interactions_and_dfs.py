"""The normalised model of events in interactions, and mobile money in dfs."""

from flowdb.migrations import run_scripts

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring a database at 0001 to this revision."""
    run_scripts(revision)
