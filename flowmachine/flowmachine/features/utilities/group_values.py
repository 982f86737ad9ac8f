"""The values that events have, gathered by group."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import columns_given
from flowmachine.core.query import Query
from flowmachine.features.utilities.event_table_subset import SUBSCRIBER, EventTableSubset

T = TypeVar("T")
TIME = "datetime"


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class GroupValues(Query):
    """The values of events in ``[start, stop)`` as arrays, one row per group.

    Parameters
    ----------
    group, value : str or list of str
        Columns of events; ``subscriber`` is the one that identifies subscribers.
    start, stop : str, date or datetime
        The window of time, its end not included.
    **kwargs
        Further arguments of :class:`~flowmachine.features.utilities.event_table_subset.EventTableSubset`.

    Notes
    -----
    Columns: those of the group, then those of the values, each an array. The arrays of a row have one
    element per event, in the order of time, then of the values from the first to the last (nulls last).

    Raises
    ------
    ValueError
        Without a group or a value, for a column in both, or columns that events do not have.

    Examples
    --------
    >>> lengths = GroupValues("subscriber", "duration", "2016-01-01", "2016-01-02")  # doctest: +SKIP
    >>> dict(lengths.ColumnMap(max))  # doctest: +SKIP
    """

    group: tuple[str, ...]
    value: tuple[str, ...]
    events: EventTableSubset

    def __init__(
        self, group: str | Sequence[str], value: str | Sequence[str], start: Any, stop: Any, **kwargs: Any
    ) -> None:
        of_group, of_value = (
            tuple(dict.fromkeys(columns_given(group))),
            tuple(dict.fromkeys(columns_given(value))),
        )
        if not of_group or not of_value:
            raise ValueError("Groups need at least one column, and so do values.")
        if "columns" in kwargs:
            raise TypeError("The columns are those of group and value.")
        events = EventTableSubset(start=start, stop=stop, columns=(*of_group, *of_value, TIME), **kwargs)
        if both := {self._source(events, name) for name in of_group} & {
            self._source(events, name) for name in of_value
        }:
            raise ValueError(f"{', '.join(sorted(both))} cannot be group and value at once.")
        self.__attrs_init__(group=of_group, value=of_value, events=events)

    @staticmethod
    def _source(events: EventTableSubset, name: str) -> str:
        return SUBSCRIBER if name == events.subscriber_identifier else name

    def select(self, using: Compilation) -> Select[Any]:
        """Aggregate each value of a group into an array."""
        rows = using(self.events)
        values = [self._column(rows, name) for name in self.value]
        order = [rows.c[TIME], *values]
        groups = [self._column(rows, name) for name in self.group]
        arrays = [
            sql.array_of(value, order).label(name) for name, value in zip(self.value, values, strict=True)
        ]
        named = [column.label(name) for name, column in zip(self.group, groups, strict=True)]
        return sa.select(*named, *arrays).group_by(*groups)

    def _column(self, rows: FromClause, name: str) -> ColumnElement[Any]:
        return rows.c[self._source(self.events, name)]

    def ColumnMap(self, fn: Callable[..., T]) -> Iterator[tuple[tuple[Any, ...], T]]:  # noqa: N802 - the name of old
        """Run the query, and yield each group with what a function makes of its arrays.

        Parameters
        ----------
        fn : function
            Gets a list for each value column.

        Yields
        ------
        tuple
            The group's values as a tuple, and the function's result.
        """
        number = len(self.group)
        for row in self:
            yield row[:number], fn(*row[number:])
