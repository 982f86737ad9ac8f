"""What a plan needs to know about FlowDB, read in one statement for the whole tree."""

import datetime as dt
from collections.abc import Collection, Mapping
from types import MappingProxyType

import attrs
from sqlalchemy import Connection

from flowmachine.core import system_tables


@attrs.frozen
class EventTable:
    """What the rows of one table of events hold, as its loader declared."""

    has_locations: bool = True
    has_subscribers: bool = True
    has_counterparts: bool = True


STANDARD_TABLES = MappingProxyType({"calls": EventTable(), "sms": EventTable()})


@attrs.frozen
class Facts:
    """A snapshot of FlowDB.

    The defaults describe a FlowDB with calls and sms; with them a query's columns can be told
    without a database.
    """

    location_table: str = "infrastructure.cells"
    event_tables: Mapping[str, EventTable] = STANDARD_TABLES
    available_dates: Mapping[str, frozenset[dt.date]] = MappingProxyType({})
    stored: Mapping[str, str] = MappingProxyType({})
    """Ids of those asked for that are stored, with the class that each is of."""
    tables: Mapping[str, frozenset[str]] = MappingProxyType({})
    """Columns of those tables asked for that exist, by ``schema.table``."""
    median_windows: bool = False
    """Whether the median filters are there as window functions, which are faster than those over arrays."""

    def require_columns(self, table: str, *columns: str) -> None:
        """Raise unless a table that was asked for has the columns.

        Raises
        ------
        ValueError
            Naming the table and the columns it must have.
        """
        if not self.tables.get(table, frozenset()).issuperset(columns):
            raise ValueError(f"{table} must be a table with the columns {', '.join(columns)}.")

    def interaction_tables(self) -> tuple[str, ...]:
        """Name the tables that hold interactions of two parties: what a query reads by default."""
        names = sorted(n for n, t in self.event_tables.items() if t.has_subscribers and t.has_counterparts)
        with_data = [name for name in names if self.available_dates.get(name)]
        return tuple(with_data or names or STANDARD_TABLES)


def read_facts(connection: Connection, candidates: Collection[str], tables: Collection[str] = ()) -> Facts:
    """Read the snapshot, with the stored ones among ``candidates`` and the columns of ``tables``, at once."""
    statement = system_tables.facts_statement(candidates, tables)
    locations, events, dates, stored, columns, median_windows = connection.execute(statement).one()
    return Facts(
        location_table=locations or "infrastructure.cells",
        event_tables={name: EventTable(*flags) for name, *flags in events or ()},
        available_dates={
            name: frozenset(dt.date.fromisoformat(day) for day in days) for name, days in dates or ()
        },
        stored=dict(stored or ()),
        tables={name: frozenset(found) for name, found in columns or ()},
        median_windows=median_windows,
    )
