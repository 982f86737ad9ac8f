"""Several features of subscribers side by side."""

from collections.abc import Iterable, Sequence
from typing import Any

from flowmachine.core.join import Join
from flowmachine.core.query import Query


def feature_collection(metrics: Iterable[Query], dropna: bool = True) -> Join:
    """Return some features of the same subscribers (or places) as one query.

    Parameters
    ----------
    metrics : iterable of Query
        At least two; each is joined on its first column.
    dropna : bool, default True
        Keep only those that all of the features have a row for; otherwise all, with nulls.

    Returns
    -------
    Join
        Columns: the first of the first feature, then the others of each with the name
        ``<column>_<class in lower case>_<number of the feature>``, counted from 0.

    Raises
    ------
    IndexError
        For fewer than two features.

    Examples
    --------
    >>> feature_collection([EventCount(*week), RadiusOfGyration(*week)]).column_names  # doctest: +SKIP
    ['subscriber', 'value_eventcount_0', 'value_radiusofgyration_1']
    """
    given = list(metrics)
    if len(given) < 2:
        raise IndexError("A collection needs at least two features.")
    how = "inner" if dropna else "full outer"
    names = [f"_{type(query).__name__.lower()}_{number}" for number, query in enumerate(given)]
    first, second, *others = given
    joined = Join(first, second, _first(first), _first(second), how, names[0], names[1])
    for query, name in zip(others, names[2:], strict=True):
        joined = Join(joined, query, _first(joined), _first(query), how, "", name)
    return joined


def _first(query: Query) -> str:
    return query.column_names[0]


def feature_collection_from_list_of_classes(
    classes: Sequence[type[Query]], *args: Any, dropna: bool = False, **kwargs: Any
) -> Join:
    """Return the :func:`feature_collection` of some classes, each instantiated with the same arguments.

    Parameters
    ----------
    classes : sequence of class
    *args, **kwargs
        For each of the classes.
    dropna : bool, default False
    """
    return feature_collection([cls(*args, **kwargs) for cls in classes], dropna=dropna)
