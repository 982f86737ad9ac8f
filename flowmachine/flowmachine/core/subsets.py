"""Fewer rows of a query, as a query of the same kind."""

import datetime as dt
import functools
import math
import numbers
from collections.abc import Iterable
from typing import Any, ClassVar, Self

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.facts import Facts
from flowmachine.core.identity import canonical, dumps
from flowmachine.core.query import Query
from flowmachine.core.table import Table


class Derived(Query):
    """Base of queries whose rows are some of those of a ``parent``.

    An instance is also one of the parent's class: fewer locations can be aggregated as locations
    can, and fewer rows of an aggregate are redacted as those of the aggregate are. Public attributes
    that it lacks are those of its parent.
    """

    parent: Query
    base: ClassVar[type["Derived"]]
    kind: ClassVar[type[Query]] = Query

    def __new__(cls, parent: Query | None = None, *_: Any, **__: Any) -> Self:
        """Make an instance of the class that is both a part and of the parent's kind."""
        if parent is None:
            return super().__new__(cls)
        kind = parent.kind if isinstance(parent, Derived) else type(parent)
        # What is selected from a table is a result like any other, no table that others own.
        made: Self = super().__new__(_class_of(cls.base, Query if issubclass(kind, Table) else kind))  # type: ignore[arg-type, assignment]
        return made

    def narrow(self, rows: FromClause) -> Select[Any]:
        """Select some of the parent's rows, all columns of each."""
        raise NotImplementedError(f"{type(self).__name__} must implement narrow().")

    def select(self, using: Compilation) -> Select[Any]:
        """Return some of the parent's rows."""
        return self.narrow(using(self.parent))

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Return some of an aggregate's rows, with the contributors of each."""
        whole: Select[Any] = self.parent.select_with_contributors(using)  # type: ignore[attr-defined]
        return self.narrow(whole.subquery("whole"))

    def select_released(self, using: Compilation, threshold: int) -> Select[Any]:
        """Return some of the rows that are released of an aggregate.

        What may be released depends on all rows: a part of them must not show what the whole hides.
        """
        released: Select[Any] = self.parent.select_released(using, threshold)  # type: ignore[attr-defined]
        return self.narrow(released.subquery("released"))

    def check(self, facts: Facts) -> None:
        """Accept what the parent accepts."""

    # What the parent's class says of itself does not hold for what is made from it.
    revision = 1
    worth_storing = False
    reads_events = False
    storable = True
    trivial = False
    stands_for = None

    @property
    def tables(self) -> tuple[str, ...]:
        """No tables but the parent's."""
        return ()

    @property
    def parts(self) -> tuple[Query, ...]:
        """No parts: those of the parent are the parent's inputs."""
        return ()

    def worth_a_step(self, facts: Facts) -> bool:
        """Tell that there is something to compute."""
        return True

    @property
    def stored_candidates(self) -> tuple[str, ...]:
        """The query itself."""
        return (self.query_id,)

    @property
    def table_in_place(self) -> None:
        """None: the rows are selected."""

    @property
    def index_columns(self) -> list[tuple[str, ...]]:
        """The columns that the parent is indexed on."""
        return self.parent.index_columns

    @property
    def geometry_column(self) -> str | None:
        """The geometry of each row."""
        return self.parent.geometry_column

    @property
    def feature_id_column(self) -> str | None:
        """The id of each row on a map."""
        return self.parent.feature_id_column

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "parent" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}.")
        return getattr(self.parent, name)


@functools.cache
def _class_of(base: type[Derived], kind: type[Query]) -> type[Derived]:
    """Return the class of what is both; it goes by the name of the first, and is not for rebuilding."""
    members = {"kind": kind, "__module__": base.__module__, "__doc__": base.__doc__, "made_for_kind": True}
    return type(base.__name__, (base,) if kind is Query else (base, kind), members)


def _plain(value: Any) -> Any:
    """Return a value as one of Python's own types, dates as text."""
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return value.item() if hasattr(value, "item") and hasattr(value, "dtype") else value


def _values(given: Any) -> tuple[Any, ...]:
    """Put values into one order, each once: theirs carries no meaning."""
    several = isinstance(given, Iterable) and not isinstance(given, str | bytes | Query)
    by_encoding = {
        dumps(canonical(_plain(value))): _plain(value) for value in (given if several else [given])
    }
    return tuple(by_encoding[encoding] for encoding in sorted(by_encoding))


@attrs.frozen(eq=False, slots=False, repr=False)
class Subset(Derived):
    """The rows of a query whose column has one of some values.

    Parameters
    ----------
    parent : Query
    column : str
    values : value or iterable of values
        Text, numbers, booleans, dates; text counts as one value. None stands for no value (null).
        Order and repetitions do not matter.

    Notes
    -----
    Columns: those of the parent.

    Raises
    ------
    ValueError
        If there is no such column.
    """

    parent: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    column: str
    values: tuple[Any, ...] = attrs.field(converter=_values)

    def __attrs_post_init__(self) -> None:
        require_columns(self.parent, self.column)

    def narrow(self, rows: FromClause) -> Select[Any]:
        """Keep the rows with one of the values."""
        column = rows.c[self.column]
        kept: sa.ColumnElement[bool] = column.in_(
            [sa.literal(value) for value in self.values if value is not None]
        )
        if None in self.values:
            kept = kept | column.is_(None)
        return sa.select(*rows.c).where(kept)


Subset.base = Subset


def _bound(value: Any) -> int | float:
    plain = _plain(value)
    if isinstance(plain, bool) or not isinstance(plain, numbers.Real):
        raise TypeError(f"A bound must be a real number, not {value!r}.")
    number: Any = plain
    if math.isnan(number):
        raise ValueError("A bound must be a number, not nan.")
    # 1 and 1.0 are the same bound; large whole numbers would lose digits as floats.
    return int(number) if math.isfinite(number) and number == int(number) else float(number)


@attrs.frozen(eq=False, slots=False, repr=False)
class NumericSubset(Derived):
    """The rows of a query whose column is from ``low`` to ``high``, both included.

    Parameters
    ----------
    parent : Query
    column : str
    low, high : float
        Infinities are bounds too.

    Notes
    -----
    Columns: those of the parent. Rows without a value (null) are left out.

    Raises
    ------
    TypeError
        If a bound is not a real number.
    ValueError
        If there is no such column, or a bound is nan.
    """

    parent: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    column: str
    low: int | float = attrs.field(converter=_bound)
    high: int | float = attrs.field(converter=_bound)

    def __attrs_post_init__(self) -> None:
        require_columns(self.parent, self.column)

    def narrow(self, rows: FromClause) -> Select[Any]:
        """Keep the rows between the bounds."""
        column = rows.c[self.column]
        return sa.select(*rows.c).where(column >= _number(self.low), column <= _number(self.high))


NumericSubset.base = NumericSubset


def _number(value: int | float) -> sa.ColumnElement[Any]:
    if math.isinf(value):
        return sa.cast(sa.literal(f"{value}", sa.Text), sa.Double)
    # As PostgreSQL reads it: large whole numbers have no literal of type integer.
    return sa.literal(value, sa.Double if isinstance(value, float) else sa.Integer)
