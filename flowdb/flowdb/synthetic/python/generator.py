"""The Python generator."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from flowdb.synthetic.day import TWO_PARTIES
from flowdb.synthetic.network import Network
from flowdb.synthetic.parameters import Parameters
from flowdb.synthetic.python.behaviour import Day
from flowdb.synthetic.python.binary import Stream
from flowdb.synthetic.python.people import People, populate
from flowdb.synthetic.python.rows import encoded

_READ_OCTETS = 1 << 20


class PythonGenerator:
    """Makes people who live, commute, work away, travel and call the same contacts again."""

    workers = 2

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._people: People
        self._network: Network

    def prepare(self, _connection: Connection, regions: NDArray[np.object_], network: Network) -> None:
        """Make the subscribers."""
        self._network = network
        self._people = populate(network, regions, self._parameters)

    def indexed(self, cdr_type: str) -> Sequence[str]:
        """Return the columns of a type that get an index."""
        parties = ("msisdn", "msisdn_counterpart") if cdr_type in TWO_PARTIES else ("msisdn",)
        return (*parties, "location_id", "datetime", "tac")

    def write_day(self, cursor: Cursor, table: sql.Identifier, cdr_type: str, day: date) -> int:
        """Fill an empty table with a day's rows, sorted by subscriber; return how many there are."""
        return self.write_events(cursor, table, cdr_type, day, self._parameters.events_of(cdr_type))

    def write_events(
        self, cursor: Cursor, table: sql.Identifier, cdr_type: str, day: date, events: int
    ) -> int:
        """Fill an empty table with a number of events of a day; return how many rows they have."""
        whole = Day(self._people, self._network, self._parameters, day, cdr_type, events)
        cursor.copy_expert(
            sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(table),
            Stream(encoded(whole, self._people, self._network, cdr_type)),
            _READ_OCTETS,
        )
        return whole.rows

    def finish(self, connection: Connection) -> None:
        """Leave nothing: this generator keeps everything in memory."""
