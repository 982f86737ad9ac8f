"""What stands somewhere: cells and sites, and the tables that hold them."""

from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812


@dataclass(frozen=True)
class Kind:
    """A table of things that stand somewhere: its name, and what one of them is called."""

    table: str
    noun: str
    key: str

    @property
    def identifier(self) -> sql.Identifier:
        """Return the table for a statement."""
        return sql.Identifier("infrastructure", self.table)

    @property
    def wanted(self) -> sql.Identifier:
        """Return the temporary table of the periods that a file holds."""
        return sql.Identifier(f"wanted_{self.table}")

    @property
    def planned(self) -> sql.Identifier:
        """Return the temporary table of the same with what is to be done about each."""
        return sql.Identifier(f"planned_{self.table}")


CELLS = Kind("cells", "cell", "cell_id")
SITES = Kind("sites", "site", "site_id")


def attribute_types(connection: Connection, kind: Kind) -> dict[str, str]:
    """Return the columns of a table that a file may fill, and their types."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
            "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped AND attname <> ALL(%s) "
            "ORDER BY attnum",
            (
                f"infrastructure.{kind.table}",
                [kind.key, "id", "version", "date_of_first_service", "date_of_last_service"],
            ),
        )
        types = dict(cursor.fetchall())
    return {name: kind for name, kind in types.items() if not kind.startswith("geometry")}
