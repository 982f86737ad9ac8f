"""Random samples of the rows of a query."""

import numbers
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.names import fresh_name
from flowmachine.core.query import Query
from flowmachine.core.subsets import Derived

SamplingMethod = Literal["random_ids", "bernoulli", "system", "system_rows"]
METHODS: tuple[str, ...] = ("random_ids", "bernoulli", "system", "system_rows")


def _seed(value: Any) -> float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, numbers.Real)):
        raise ValueError(f"A seed must be a number, not {value!r}.")
    return None if value is None else float(value)


def _size(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or int(value) != value or value < 0):
        raise ValueError(f"The size of a sample must be a whole number of rows, not {value!r}.")
    return None if value is None else int(value)


def _fraction(value: Any) -> float | None:
    if value is not None and not 0 <= value <= 1:
        raise ValueError(f"The fraction of a sample must be between 0 and 1, not {value!r}.")
    return None if value is None else float(value)


@attrs.frozen(eq=False, slots=False, repr=False)
class RandomSample(Derived):
    """Some rows of a query, chosen at random.

    With a seed the choice depends on the rows and the seed alone, not on where rows lie on disk: the
    same rows always give the same sample. It can then be stored. Without, every run chooses anew.

    Parameters
    ----------
    parent : Query
    sampling_method : {"random_ids", "bernoulli", "system", "system_rows"}
        ``random_ids``: as many rows as asked for, of a fraction the whole number below.
        ``bernoulli``: every row with the same probability; as many as asked for, if a size is given.
        ``system``: as bernoulli; a fraction of a :class:`~flowmachine.core.table.Table` (no view)
        is chosen by whole pages, which is fast and does depend on how the table lies on disk.
        ``system_rows``: as many rows as asked for; takes no seed.
    size : int, optional
        Number of rows; fewer if there are fewer.
    fraction : float, optional
        From 0 to 1. Either this or ``size`` is given.
    seed : float, optional
        From -1 to 1 for ``random_ids``; 0 is a seed as well.

    Notes
    -----
    Columns: those of the parent.

    Raises
    ------
    ValueError
        For an unknown method, or a size, fraction or seed that cannot be used.
    """

    parent: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    sampling_method: str = attrs.field(validator=attrs.validators.in_(METHODS))
    size: int | None = attrs.field(default=None, converter=_size)
    fraction: float | None = attrs.field(default=None, converter=_fraction)
    seed: float | None = attrs.field(default=None, converter=_seed)

    def __attrs_post_init__(self) -> None:
        if (self.size is None) == (self.fraction is None):
            raise ValueError("A sample needs either a size or a fraction.")
        if self.sampling_method == "random_ids" and not -1 <= (self.seed or 0) <= 1:
            raise ValueError(f"The seed of random_ids must be from -1 to 1, not {self.seed}.")

    @property
    def storable(self) -> bool:  # type: ignore[override]
        """Whether the sample is the same whenever it is drawn."""
        return self.seed is not None

    def select(self, using: Compilation) -> Select[Any]:
        """Draw from the parent's rows."""
        table = self.parent.table_in_place
        if table is not None and self.sampling_method == "system" and self.fraction is not None:
            sampled = table.tablesample(sa.func.system(100 * self.fraction), seed=sa.literal(self.seed))
            if self.seed is None:
                sampled = table.tablesample(sa.func.system(100 * self.fraction))
            return sa.select(*sampled.c)
        return self.narrow(using(self.parent))

    def narrow(self, rows: FromClause) -> Select[Any]:
        """Draw a lot for each row, and keep the rows with the smallest."""
        drawn = self._drawn(rows)
        columns, draw = [drawn.c[column.name] for column in rows.c], list(drawn.c)[-1]
        if self.fraction is None:
            return sa.select(*columns).order_by(draw).limit(self.size)
        if self.sampling_method in ("bernoulli", "system"):
            return sa.select(*columns).where(self._is_below(draw, self.fraction))
        ranked = sa.select(
            *columns,
            sa.func.row_number().over(order_by=draw).label(fresh_name("rank", rows.c.keys())),
            sa.func.count().over().label(fresh_name("total", rows.c.keys())),
        ).subquery("ranked")
        *_, rank, total = ranked.c
        chosen = rank <= sa.func.floor(sa.literal(self.fraction) * total)
        return sa.select(*(ranked.c[column.name] for column in rows.c)).where(chosen)

    def _drawn(self, rows: FromClause) -> FromClause:
        """Return the rows with a last column, their lots."""
        name = fresh_name("draw", rows.c.keys())
        if self.seed is None:
            return sa.select(*rows.c, sa.func.random().label(name)).subquery("drawn")
        texts = sa.select(*rows.c, sql.row_text(rows).label(fresh_name("text", rows.c.keys()))).subquery(
            "texts"
        )
        columns, text = [texts.c[column.name] for column in rows.c], list(texts.c)[-1]
        # Equal rows are different people as often as not: each draws its own lot.
        copy = sa.cast(sa.func.row_number().over(partition_by=text), sa.Text)
        lot = sa.func.md5(sa.func.concat_ws("|", sa.literal(repr(self.seed)), copy, text))
        return sa.select(*columns, sa.collate(lot, "C").label(name)).subquery("drawn")

    def _is_below(self, draw: sa.ColumnElement[Any], fraction: float) -> sa.ColumnElement[bool]:
        """Tell whether a lot, evenly spread, is in the lower ``fraction``."""
        if self.seed is None:
            return draw < sa.literal(fraction)
        if fraction == 1:
            return sa.true()
        return draw < sa.literal(f"{int(fraction * 2**128):032x}", sa.Text)


RandomSample.base = RandomSample


def _sample(sampling_method: str, query: Query, *, estimate_count: bool = False, **how: Any) -> RandomSample:
    # That the number of rows be estimated would save nothing here: it is not asked for.
    return RandomSample(query, sampling_method, **how)


def _system_rows(
    query: Query,
    *,
    size: int | None = None,
    fraction: float | None = None,
    estimate_count: bool = False,
) -> RandomSample:
    return RandomSample(query, "system_rows", size, fraction)


def random_factory(
    parent_class: type[Query], sampling_method: str = "random_ids"
) -> Callable[..., RandomSample]:
    """Return the function that samples queries of a class: of ``query``, by ``size`` or ``fraction``.

    It takes a ``seed`` unless the method is ``system_rows``. ``estimate_count`` is accepted and changes
    nothing: the number of rows is always exact.

    Raises
    ------
    ValueError
        For an unknown method.
    """
    if sampling_method not in METHODS:
        raise ValueError(f"Unknown sampling method {sampling_method!r}; known are {', '.join(METHODS)}.")
    return _system_rows if sampling_method == "system_rows" else partial(_sample, sampling_method)
