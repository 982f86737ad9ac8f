"""Functions for analysts: clustering, visibility, samplers, medians and vector tiles."""

from flowdb.migrations import run_scripts

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring a database at 0002 to this revision."""
    run_scripts(revision)
