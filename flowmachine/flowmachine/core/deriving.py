"""Queries made from a query: joined, stacked, restricted, sampled, placed."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowmachine.core.join import Join
    from flowmachine.core.query import Query
    from flowmachine.core.random import SamplingMethod
    from flowmachine.core.spatial_unit import SpatialUnit
    from flowmachine.core.union import Union


class Deriving:
    """The part of a query from which others are made; none of it touches a database."""

    def join(  # type: ignore[misc]
        self: "Query",
        other: "Query",
        on_left: str | Sequence[str],
        on_right: str | Sequence[str] | None = None,
        how: str = "inner",
        left_append: str = "",
        right_append: str = "",
    ) -> "Join":
        """Return the rows of this query beside those of another; see :class:`~flowmachine.core.join.Join`."""
        from flowmachine.core.join import Join

        return Join(self, other, on_left, on_right, how, left_append, right_append)

    def union(self: "Query", *others: "Query", all: bool = True) -> "Union":  # type: ignore[misc]
        """Return the rows of this and other queries; see :class:`~flowmachine.core.union.Union`."""
        from flowmachine.core.union import Union

        return Union(self, *others, all=all)

    def subset(self: "Query", col: str, subset: Any) -> Any:  # type: ignore[misc]
        """Return the rows whose column has one of some values.

        Parameters
        ----------
        col : str
        subset : value or iterable of values
            Text counts as one value.

        Returns
        -------
        Query
            Of the same kind as this one: a subset of locations can be aggregated as locations can.

        Raises
        ------
        ValueError
            If there is no such column.

        Examples
        --------
        >>> daily_location("2016-01-01").subset("pcod", ["524 01", "524 02"]).aggregate()  # doctest: +SKIP
        """
        from flowmachine.core.subsets import Subset

        return Subset(self, col, subset)

    def numeric_subset(self: "Query", col: str, low: float, high: float) -> Any:  # type: ignore[misc]
        """Return the rows whose column is from ``low`` to ``high``, both included.

        Parameters
        ----------
        col : str
        low, high : float
            Infinities are bounds too.

        Raises
        ------
        TypeError
            If a bound is not a real number.
        ValueError
            If there is no such column, or a bound is not a number.
        """
        from flowmachine.core.subsets import NumericSubset

        return NumericSubset(self, col, low, high)

    def random_sample(  # type: ignore[misc]
        self: "Query", sampling_method: "SamplingMethod" = "random_ids", **params: Any
    ) -> Any:
        """Return a random sample of the rows; see :class:`~flowmachine.core.random.RandomSample`.

        Examples
        --------
        >>> daily_location("2016-01-01").random_sample(size=100, seed=0.5)  # doctest: +SKIP
        """
        from flowmachine.core.random import random_factory

        return random_factory(type(self), sampling_method)(query=self, **params)

    def join_to_location(  # type: ignore[misc]
        self: "Query", spatial_unit: "SpatialUnit", *, time_col: str = "time"
    ) -> "Query":
        """Return the rows with the place of each: :mod:`flowmachine.core.join_to_location` says how."""
        from flowmachine.core.join_to_location import location_joined_query

        return location_joined_query(self, spatial_unit=spatial_unit, time_col=time_col)


def columns_given(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return the names of columns, of which a text is one."""
    return (value,) if isinstance(value, str) else tuple(value)


def require_columns(query: "Query", *columns: str) -> None:
    """Raise unless a query has the columns.

    Raises
    ------
    ValueError
        Naming the columns that are missing and those that are there.
    """
    missing = [name for name in columns if name not in query.column_names]
    if missing:
        there = query.column_names_as_string_list
        raise ValueError(
            f"{type(query).__name__} has no column {', '.join(missing)}; its columns are {there}."
        )
