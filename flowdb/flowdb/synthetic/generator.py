"""What a generator of synthetic events is asked to do."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from flowdb.synthetic.network import Network
from flowdb.synthetic.parameters import Parameters


class Generator(Protocol):
    """Makes the people of a country once, and then their events day by day, several days side by side."""

    workers: int
    """How many days may be loaded side by side."""

    def __init__(self, parameters: Parameters) -> None: ...

    def prepare(self, connection: Connection, regions: NDArray[np.object_], network: Network) -> None:
        """Make what all days share: subscribers, homes, contacts. Called once, in a transaction."""

    def indexed(self, cdr_type: str) -> Sequence[str]:
        """Return the columns of a type that get an index."""

    def write_day(self, cursor: Cursor, table: sql.Identifier, cdr_type: str, day: date) -> int:
        """Fill an empty table with a day's rows, sorted by subscriber; return how many there are.

        Called from several threads, each with a cursor of its own connection.
        """

    def finish(self, connection: Connection) -> None:
        """Remove what :meth:`prepare` left in the database. Called also after a failure."""
