"""The events of several tables, stacked."""

import warnings
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.dates import check_window, days_in_window
from flowmachine.core.errors import MissingDateError
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.event_table_subset import COLUMNS, EventTableSubset
from flowmachine.features.utilities.events import EventTables, check_columns
from flowmachine.features.utilities.hours import Hours


@attrs.frozen(eq=False, slots=False, repr=False)
class EventsTablesUnion(Query):
    """The events of some tables in ``[start, stop)``; not stored, since it is as long as the events.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    columns : list of str
        That each of the tables has; ``["*"]`` of one table.
    tables : str or list of str, optional
        Tables of events such as ``"events.calls"``; all with interactions by default. Those without any
        data in the window are left out.
    hours, subscriber_subset, subscriber_identifier
        As for :class:`~flowmachine.features.utilities.event_table_subset.EventTableSubset`.

    Notes
    -----
    Columns: as for :class:`~flowmachine.features.utilities.event_table_subset.EventTableSubset`.

    Raises
    ------
    ValueError
        For all columns of several tables, or columns that events do not have.
    MissingColumnsError
        When planned, if a table with data lacks a column.
    MissingDateError
        When planned, if no table has data in the window.

    Warns
    -----
    UserWarning
        When planned, for each table that is left out.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    columns_read: tuple[str, ...] = attrs.field(
        kw_only=True,
        alias="columns",
        converter=COLUMNS,  # type: ignore[misc]
    )
    reads_events = True
    storable = False

    def _names(self, facts: Facts) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the tables with data in the window, and those without."""
        wanted = set(days_in_window(self.start, self.stop))
        names = self.table or tuple(f"events.{name}" for name in facts.interaction_tables())
        empty = tuple(
            name
            for name in names
            if wanted.isdisjoint(facts.available_dates.get(name.removeprefix("events."), ()))
        )
        return tuple(name for name in names if name not in empty), empty

    def check(self, facts: Facts) -> None:
        """Refuse a window without data, and columns that a table lacks."""
        check_window(self.start, self.stop)
        names, empty = self._names(facts)
        if not names:
            raise MissingDateError(self.start, self.stop, ", ".join(empty))
        for name in empty:
            warnings.warn(f"No data in {name} for {self.start}–{self.stop}", stacklevel=2)
        check_columns([name.removeprefix("events.") for name in names], *self.columns_read)

    def select(self, using: Compilation) -> Select[Any]:
        """Stack the tables."""
        names, empty = self._names(using.facts)
        selects = [self._one(name).select(using) for name in names or empty]
        if len(selects) == 1:
            return selects[0]
        stacked = sa.union_all(*selects).subquery("events")
        return sa.select(*stacked.c)

    def _one(self, table: str) -> EventTableSubset:
        return EventTableSubset(
            start=self.start,
            stop=self.stop,
            table=table,
            hours=self.hours,
            subscriber_subset=self.subscriber_subset,
            subscriber_identifier=self.subscriber_identifier,
            columns=self.columns_read,
        )
