"""What all days share: who the people are, where cells serve, and who lives where when."""

from datetime import date

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from flowdb.synthetic.parameters import Disaster, ParameterError, Parameters
from flowdb.synthetic.sql.disaster import in_region
from flowdb.synthetic.sql.draws import poisson, seed
from flowdb.synthetic.sql.statements import statement

REACH_METRES = 3000
"""How far from the cell at home other cells still belong to the home region."""


def make_country(cursor: Cursor, parameters: Parameters) -> None:
    """Make the scratch schema and everything in it."""
    remove_country(cursor)
    cursor.execute(statement("scratch"))
    _people(cursor, parameters)
    _places(cursor, parameters)
    _homes(cursor, parameters)
    cursor.execute("ANALYZE flowdb_synthetic.available, flowdb_synthetic.homes")


def remove_country(cursor: Cursor) -> None:
    """Remove the scratch schema, also one that an interrupted run left."""
    cursor.execute("SET LOCAL client_min_messages = warning")
    cursor.execute("DROP SCHEMA IF EXISTS flowdb_synthetic CASCADE")


def _people(cursor: Cursor, parameters: Parameters) -> None:
    cursor.execute("SELECT EXISTS (SELECT 1 FROM infrastructure.tacs)")
    if cursor.fetchone() == (False,):
        raise ParameterError("There are no phone models: load some with 'flowdb load-tacs'.")
    own = parameters.subscribers_seed
    cursor.execute(
        statement("people"),
        {
            "seed": own,
            "subscribers": parameters.subscribers,
            "pairs": parameters.subscribers * parameters.interactions,
            "contacts_seed": seed(own, "contacts"),
            "tacs_seed": seed(own, "tacs"),
        },
    )


def _places(cursor: Cursor, parameters: Parameters) -> None:
    disaster = parameters.disaster
    if disaster is not None and disaster.end < parameters.start:
        disaster = None
    cursor.execute(
        sql.SQL(statement("versions")).format(
            in_region=in_region(cursor.connection, disaster), reach=sql.Literal(REACH_METRES)
        )
    )
    days = parameters.dates
    struck = [disaster is not None and disaster.strikes(day) for day in days]
    cursor.execute(statement("available"), {"days": days, "struck": struck})
    cursor.execute("SELECT DISTINCT day FROM flowdb_synthetic.available")
    served = {row[0] for row in cursor.fetchall()}
    for day, hit in zip(days, struck, strict=True):
        if day not in served:
            raise ParameterError(_nowhere(day, disaster if hit else None))


def _nowhere(day: date, disaster: Disaster | None) -> str:
    if disaster is None:
        return f"No cell is in service on {day}: see date_of_first_service in infrastructure.cells."
    return (
        f"On {day} no cell is in service outside the region '{disaster.region_pcod}' of the disaster: "
        "choose a smaller region."
    )


def _homes(cursor: Cursor, parameters: Parameters) -> None:
    own, count = parameters.subscribers_seed, parameters.subscribers
    first, *later = parameters.dates
    cursor.execute(
        statement("first_homes"), {"day": first, "subscribers": count, "seed": seed(own, "homes", first)}
    )
    for day in later:
        cursor.execute(
            statement("moves"),
            {
                "day": day,
                "subscribers": count,
                "movers": min(count, poisson(count * parameters.relocate, own, "moves", day)),
                "movers_seed": seed(own, "movers", day),
                "homes_seed": seed(own, "homes", day),
            },
        )
