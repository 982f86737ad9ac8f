"""The query: an immutable value that knows how to write itself as SQL.

A class is an ``attrs`` class whose fields are its parameters and whose :meth:`Query.select` returns
a SQLAlchemy select. That is all: identity, dependencies, columns, planning, storing and caching
follow from these two. ``docs/pages/developers/add-a-query.md`` walks through adding one.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

import attrs
from sqlalchemy import Select, TableClause
from sqlalchemy.types import TypeEngine

from flowmachine.core import identity
from flowmachine.core.compilation import CACHE_SCHEMA, Compilation, outline
from flowmachine.core.deriving import Deriving
from flowmachine.core.facts import Facts
from flowmachine.core.mixins import GeoDataMixin
from flowmachine.core.rows import Reading
from flowmachine.core.storing import Storing

Columns = tuple[tuple[str, TypeEngine[Any]], ...]
"""Names and types of columns."""

_MOST_KNOWN_COLUMNS = 10_000
_known_columns: dict[tuple[type["Query"], str], Columns] = {}
"""Columns by class and id: a spec may hold equal queries many times, each an object of its own."""


def forget_columns() -> None:
    """Let every query that is made from now on find out its columns anew."""
    _known_columns.clear()


def nested_queries(value: Any) -> Iterator["Query"]:
    """Yield the queries that a parameter holds, in order, without entering them."""
    if value is None or isinstance(value, str | int | float):
        return  # most are
    if isinstance(value, Query):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from nested_queries(item)
    elif isinstance(value, tuple | list | frozenset | set):
        for item in value:
            yield from nested_queries(item)
    elif attrs.has(type(value)):
        for item in identity.parameters(value).values():
            yield from nested_queries(item)


class Query(Reading, Storing, Deriving, GeoDataMixin):
    """Base of all queries.

    What a query can do is described where it is implemented: reading rows in
    :mod:`flowmachine.core.rows`, keeping results in :mod:`flowmachine.core.storing`, queries made
    from it in :mod:`flowmachine.core.deriving`, maps in :mod:`flowmachine.core.mixins`.

    Subclasses are decorated with ``@attrs.frozen(eq=False, slots=False, repr=False)`` and implement
    :meth:`select`. Constructing one touches no database.

    Two queries are equal when their ids are, whoever made them, wherever.
    """

    revision: ClassVar[int] = 1
    """Raised by the author of a class when its SQL changes meaning, so that old results are not reused."""
    worth_storing: ClassVar[bool] = False
    """Whether other queries are likely to reuse the result, so that a plan stores it on its way."""
    reads_events: ClassVar[bool] = False
    """Whether :meth:`select` itself reads subscribers' events."""
    stands_for: ClassVar["type[Query] | None"] = None
    """The class of which this one is another name, if it is: with the same parameters, the same query."""
    storable: ClassVar[bool] = True
    trivial: ClassVar[bool] = False
    """Whether there is nothing to compute, so that no table is made."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables (``schema.table``) that the select reads beside FlowDB's own; the plan looks them up."""
        return ()

    @property
    def parts(self) -> tuple["Query", ...]:
        """Queries that the select is put together from beside those among the parameters.

        Several parts, such as the days of a window, are stored on the way: they are made side by
        side, and shared with queries over other windows.
        """
        return ()

    def worth_a_step(self, facts: Facts) -> bool:
        """Tell whether there is anything to compute for this query if it is one of several parts."""
        return True

    @property
    def stored_candidates(self) -> tuple[str, ...]:
        """Ids of the stored results that the plan looks for on behalf of this query."""
        return (self.query_id,)

    @property
    def table_in_place(self) -> TableClause | None:
        """The table that holds the rows, for a query that only names one; statements read it as it is."""
        return None

    def select(self, using: Compilation) -> Select[Any]:
        """Return the query as a select; ``using(other)`` is the relation of another query's rows."""
        raise NotImplementedError(f"{type(self).__name__} must implement select().")

    def check(self, facts: Facts) -> None:
        """Raise if FlowDB, as the snapshot shows it, cannot answer this query; called when it is planned."""

    @cached_property
    def query_id(self) -> str:
        """The identity of this query: 32 lower-case hexadecimal digits."""
        return identity.query_id(self)

    @cached_property
    def dependencies(self) -> tuple["Query", ...]:
        """The queries among the parameters, each once, in their order; then the parts."""
        values = (*identity.parameters(self).values(), self.parts)
        found = {query.query_id: query for value in values for query in nested_queries(value)}
        return tuple(found.values())

    @cached_property
    def columns(self) -> Columns:
        """Name and type of each column of the result, in order."""
        key = (type(self), self.query_id)
        columns = _known_columns.get(key)
        if columns is None:
            selected = outline(self).selected_columns
            columns = tuple((str(column.name), column.type) for column in selected)
            if len(_known_columns) >= _MOST_KNOWN_COLUMNS:
                _known_columns.clear()
            _known_columns[key] = columns
        return columns

    @property
    def column_names(self) -> list[str]:
        """The names of the columns of the result, in order."""
        return [name for name, _ in self.columns]

    @property
    def column_names_as_string_list(self) -> str:
        """The names of the columns, separated by commas."""
        return ", ".join(self.column_names)

    @property
    def index_cols(self) -> list[list[str] | str]:
        """The groups of columns that are indexed, as lists, and ``'"subscriber"'``."""
        return ['"subscriber"' if group == ("subscriber",) else list(group) for group in self.index_columns]

    @property
    def index_columns(self) -> list[tuple[str, ...]]:
        """The groups of columns that a table of this result is indexed on."""
        names = set(self.column_names)
        unit = getattr(self, "spatial_unit", None)
        location = tuple(unit.location_id_columns) if unit is not None else ()
        return [group for group in (location, ("subscriber",)) if group and names.issuperset(group)]

    @property
    def table_name(self) -> str:
        """The name of the table that holds the result once stored."""
        return f"x{self.query_id}"

    @property
    def fully_qualified_table_name(self) -> str:
        """The name of the result's table with its schema."""
        return f"{CACHE_SCHEMA}.{self.table_name}"

    def __copy__(self) -> Self:
        """Return the query itself: nothing can change it."""
        return self

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to other processes as the declaration that the cache keeps too."""
        from flowmachine.core.declaration import declare, modules_of, rebuild_where_imported

        return rebuild_where_imported, (declare(self), modules_of(self))

    def __eq__(self, other: object) -> bool:
        return self.query_id == other.query_id if isinstance(other, Query) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.query_id)

    def __format__(self, attributes: str) -> str:
        """Show the class, and the attributes that are named, separated by commas."""
        shown = []
        for name in filter(None, (part.strip() for part in attributes.split(","))):
            try:
                shown.append(f"{name}: {getattr(self, name)!r}")
            except AttributeError:
                raise ValueError(f"Format string contains invalid query attribute: '{name}'") from None
        described = ", ".join((f"<Query of type: {type(self).__name__}", *shown))
        return f"{described}>"

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in identity.parameters(self).items())
        return f"{type(self).__name__}({shown})"
