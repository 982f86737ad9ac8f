"""The region of a disaster."""

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from flowdb.synthetic.parameters import Disaster, ParameterError

_LEVELS = range(10)
_EXAMPLES = 3


def in_region(connection: Connection, disaster: Disaster | None) -> sql.Composable:
    """Return the condition that the point of a cell lies in the region of a disaster.

    Raises
    ------
    ParameterError
        No admin level has a region of that code.
    """
    if disaster is None:
        return sql.SQL("false")
    # Some stack files wrap the code in literal quotes.
    code = disaster.region_pcod.strip("\"' ")
    known = []
    with connection.cursor() as cursor:
        for level in _LEVELS:
            name = f"admin{level}"
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (f"geography.{name}",))
            if cursor.fetchone() != (True,):
                continue
            table, column = sql.Identifier("geography", name), sql.Identifier(f"{name}pcod")
            cursor.execute(
                sql.SQL("SELECT {column} FROM {table} ORDER BY 1").format(column=column, table=table)
            )
            codes = [str(row[0]) for row in cursor.fetchall()]
            if code in codes:
                return sql.SQL(
                    "EXISTS (SELECT 1 FROM {table} "
                    "WHERE {column} = {code} AND ST_Intersects(geom, geom_point))"
                ).format(table=table, column=column, code=sql.Literal(code))
            known.append(_examples(name, codes))
    raise ParameterError(f"There is no region '{code}' for a disaster. The codes are, {'; '.join(known)}.")


def _examples(name: str, codes: list[str]) -> str:
    more = f", ... ({len(codes)})" if len(codes) > _EXAMPLES else ""
    return f"{name}: {', '.join(repr(code) for code in codes[:_EXAMPLES])}{more}"
