"""The schema of FlowDB, by Alembic revisions whose statements are SQL files in ``sql/<revision>``."""

from pathlib import Path

from alembic import op

DIRECTORY = Path(__file__).parent


def run_scripts(revision: str) -> None:
    """Run the SQL files of a revision in the order of their names."""
    # Past the parameter handling of SQLAlchemy: the files use ':' and '%' for themselves.
    cursor = op.get_bind().connection.cursor()
    for script in sorted((DIRECTORY / "sql" / revision).glob("*.sql")):
        cursor.execute(script.read_text(encoding="utf-8"))
    cursor.close()
