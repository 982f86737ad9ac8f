"""Copying rows into a table."""

import csv
import io
from collections.abc import Iterable, Sequence

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812


def copy_rows(cursor: Cursor, table: sql.Composable, rows: Iterable[Sequence[object]]) -> None:
    """Copy rows into a table, in the order of its columns; None becomes null."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    buffer.seek(0)
    cursor.copy_expert(sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(table), buffer)
