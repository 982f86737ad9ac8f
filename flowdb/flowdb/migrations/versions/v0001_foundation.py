"""Schemas, events, ETL records, cache, geography, infrastructure and the functions clients use."""

from flowdb.migrations import run_scripts

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Bring an empty database to this revision."""
    run_scripts(revision)
