"""The SQL generator."""

import os
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
from flowdb.synthetic.sql.columns import columns_of
from flowdb.synthetic.sql.country import make_country, remove_country
from flowdb.synthetic.sql.draws import hours, lognormal, seed
from flowdb.synthetic.sql.statements import statement

# Seconds, and kilobytes up and down: most are small, a few are large.
_DURATIONS = {"calls": lognormal(4.6, 1.1, 3 * 3600), "mds": lognormal(4.0, 1.2, 3 * 3600)}
_UPLOADS, _DOWNLOADS = lognormal(7.5, 1.5, 1_000_000), lognormal(9.0, 1.5, 1_000_000)
# Sorting more than this at once is slower than merging what was sorted bit by bit.
_LEAST_SORT_KB, _MOST_SORT_KB = 16 * 1024, 96 * 1024


class SqlGenerator:
    """Makes people with a home region, a phone and contacts, and their events, inside the database.

    Every draw is a hash of the number of what it is drawn for, so that it depends neither on the order in
    which days are loaded nor on the server.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self.workers = len(os.sched_getaffinity(0))

    def prepare(self, connection: Connection, _regions: NDArray[np.object_], _network: Network) -> None:
        """Make the subscribers, and where they live on each day."""
        with connection.cursor() as cursor:
            self._give_memory(cursor)
            make_country(cursor, self._parameters)

    def indexed(self, cdr_type: str) -> Sequence[str]:
        """Return the columns of a type that get an index."""
        return ("msisdn", "location_id", "datetime")

    def write_day(self, cursor: Cursor, table: sql.Identifier, cdr_type: str, day: date) -> int:
        """Fill an empty table with a day's rows, sorted by subscriber; return how many there are."""
        own = self._parameters.events_seed
        columns = columns_of(cdr_type, day, own)
        subscriber, counterpart = self._parties(cdr_type)
        self._give_memory(cursor)
        cursor.execute(
            sql.SQL(statement("events")).format(
                table=table,
                columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                values=sql.SQL(", ").join(columns.values()),
                day=sql.SQL("{}::date").format(sql.Literal(day)),
                events=sql.Literal(self._parameters.events_of(cdr_type)),
                parties=sql.Literal(2 if cdr_type in TWO_PARTIES else 1),
                subscriber=subscriber,
                counterpart=counterpart,
                hours=sql.Literal(hours(day)),
                durations=sql.Literal(_DURATIONS.get(cdr_type, [])),
                uploads=sql.Literal(_UPLOADS if cdr_type == "mds" else []),
                downloads=sql.Literal(_DOWNLOADS if cdr_type == "mds" else []),
                out_of_area=sql.Literal(round(self._parameters.out_of_area * 2**32)),
                occasion_seed=sql.Literal(seed(own, day, cdr_type, "occasion")),
                place_seed=sql.Literal(seed(own, day, cdr_type, "place")),
            )
        )
        return int(cursor.rowcount)

    def _parties(self, cdr_type: str) -> tuple[sql.Composable, sql.Composable]:
        """Return who has the row, and the other one: a pair of contacts, or any subscriber."""
        count = self._parameters.subscribers
        if cdr_type not in TWO_PARTIES:
            one = sql.SQL("(1 + flowdb_synthetic.upper_draw(occasion, {}))::integer")
            return one.format(sql.Literal(count)), sql.SQL("NULL::integer")
        party = sql.SQL("contacts[1 + 2 * flowdb_synthetic.upper_draw(occasion, {}) + {}]")
        pairs = sql.Literal(count * self._parameters.interactions)
        return party.format(pairs, sql.SQL("row % 2")), party.format(pairs, sql.SQL("1 - row % 2"))

    def _give_memory(self, cursor: Cursor) -> None:
        """Let the loads side by side sort in an eighth of the memory of the server, at most."""
        cursor.execute(
            "SELECT set_config('work_mem', least(greatest(setting::bigint * 8 / 6 / %(loads)s, %(least)s), "
            "%(most)s) || 'kB', true) FROM pg_settings WHERE name = 'effective_cache_size'",
            {"loads": self.workers, "least": _LEAST_SORT_KB, "most": _MOST_SORT_KB},
        )

    def finish(self, connection: Connection) -> None:
        """Remove what all days shared."""
        with connection.cursor() as cursor:
            remove_country(cursor)
