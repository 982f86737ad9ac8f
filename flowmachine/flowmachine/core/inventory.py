"""What a FlowDB holds: its release, its tables, the days that are loaded, and checks of their quality."""

import datetime as dt
import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from flowmachine.core import qa_checks
from flowmachine.core.dates import DateLike
from flowmachine.core.errors import MissingCheckError, OldFlowDBError
from flowmachine.core.facts import Facts, read_facts
from flowmachine.versions import __min_flowdb_version__


def release(text: str) -> tuple[int, ...]:
    """Return a release as numbers, so that 0.10 comes after 0.9; a leading ``v`` does not matter."""
    return tuple(int(number) for number in re.findall(r"\d+", text.partition("-")[0])[:3])


class Inventory:
    """The part of a connection that tells what FlowDB holds.

    Each property is read from FlowDB when it is asked for, in one statement. Queries need none of
    them: what a plan has to know it reads at once (:mod:`flowmachine.core.facts`).
    """

    lookups: Engine

    def _facts(self) -> Facts:
        with self.lookups.connect() as connection:
            return read_facts(connection, ())

    def check_version(self) -> str:
        """Return FlowDB's release.

        Raises
        ------
        OldFlowDBError
            An ``OSError``, if it is older than this FlowMachine works with.
        """
        versions = sa.func.flowdb_version().table_valued("version", "release_date").render_derived()
        with self.lookups.connect() as connection:
            found = str(connection.execute(sa.select(versions.c.version)).scalar_one())
        if release(found) < release(__min_flowdb_version__):
            raise OldFlowDBError(
                f"FlowDB {found} is too old; this FlowMachine works with {__min_flowdb_version__} and later."
            )
        return found

    def has_table(self, name: str, schema: str | None = None) -> bool:
        """Tell whether there is a table or view of a name, in a schema or in any."""
        tables = sa.table(
            "tables", *map(sa.column, ("table_schema", "table_name")), schema="information_schema"
        )
        same = tables.c.table_name == name
        if schema is not None:
            same &= tables.c.table_schema == schema
        with self.lookups.connect() as connection:
            return bool(connection.execute(sa.select(sa.exists().where(same))).scalar_one())

    @property
    def available_dates(self) -> dict[str, list[dt.date]]:
        """The loaded days of each type of events, in order."""
        return {name: sorted(days) for name, days in sorted(self._facts().available_dates.items())}

    def min_date(self, table: str = "calls") -> dt.date:
        """Return the first loaded day of a type of events, or of ``"all"``.

        Raises
        ------
        ValueError
            If none is loaded.
        """
        return min(self._days(table))

    def max_date(self, table: str = "calls") -> dt.date:
        """Return the last loaded day of a type of events, or of ``"all"``; errors as for :meth:`min_date`."""
        return max(self._days(table))

    def _days(self, table: str) -> list[dt.date]:
        by_type = self.available_dates
        days = [day for name, loaded in by_type.items() if table in ("all", name) for day in loaded]
        if not days:
            known = ", ".join(by_type) or "nothing"
            raise ValueError(f"No day of {table!r} is loaded; there are days of {known}.")
        return days

    @property
    def location_table(self) -> str:
        """The table of the infrastructure elements that events name, as ``schema.table``."""
        return self._facts().location_table

    @property
    def available_tables(self) -> list[str]:
        """The names of the tables of events, without their schema ``events``."""
        return sorted(self._facts().event_tables)

    @property
    def subscriber_tables(self) -> list[str]:
        """Those whose events have a subscriber and a counterpart."""
        tables = self._facts().event_tables
        return sorted(name for name, its in tables.items() if its.has_subscribers and its.has_counterparts)

    @property
    def location_tables(self) -> list[str]:
        """Those whose events have a location."""
        return sorted(name for name, its in self._facts().event_tables.items() if its.has_locations)

    @property
    def available_qa_checks(self) -> list[dict[str, Any]]:
        """The quality checks that have results, each with ``cdr_type`` and ``type_of_query_or_check``."""
        return qa_checks.list_checks(self.lookups)

    def get_qa_checks(
        self, cdr_type: str, start_date: DateLike, end_date: DateLike, check_type: str
    ) -> list[dict[str, Any]]:
        """Return the results of a quality check by day.

        Parameters
        ----------
        cdr_type, check_type : str
            As :attr:`available_qa_checks` lists them, in any case.
        start_date, end_date : str, date or datetime
            The first and the last day.

        Returns
        -------
        list of dict
            With ``outcome``, ``cdr_date`` (``YYYY-MM-DD``) and ``type_of_query_or_check``; empty if
            none of the days has a result.

        Raises
        ------
        MissingCheckError
            If there is no such check.
        """
        wanted = (cdr_type.lower(), check_type.lower())
        available = {
            tuple(str(value).lower() for value in check.values()) for check in self.available_qa_checks
        }
        if wanted not in available:
            raise MissingCheckError(cdr_type, check_type)
        return qa_checks.get_checks(self.lookups, cdr_type, start_date, end_date, check_type)
