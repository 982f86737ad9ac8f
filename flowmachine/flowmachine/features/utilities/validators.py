"""Checks of arguments that several queries have."""

from flowmachine.core.query import Query


def valid_median_window(arg_name: str, value: int) -> int:
    """Return the width of a median filter, if it is one: an odd number, at least 3.

    Parameters
    ----------
    arg_name : str
        What the argument is called in messages.
    value : int

    Raises
    ------
    ValueError
        For an even number, or one below 3.
    """
    if value < 3:
        raise ValueError(f"{arg_name} must be odd and greater than 1, not {value}.")
    if value % 2 == 0:
        raise ValueError(f"{arg_name} must be odd, not {value}.")
    return value


def validate_column_present(
    arg_name: str, column: str | None, query: Query, allow_none: bool = True
) -> str | None:
    """Return the name of a column, if a query has it.

    Parameters
    ----------
    arg_name : str
        What the argument is called in messages.
    column : str or None
    query : Query
    allow_none : bool, default True
        Whether None will do.

    Raises
    ------
    ValueError
        If the query has no such column, or for None where it will not do.
    """
    there = query.column_names
    if column is None:
        if allow_none:
            return None
        raise ValueError(f"Invalid {arg_name}: Cannot be None. Must be one of {there}")
    if column not in there:
        raise ValueError(f"Invalid {arg_name}: {column!r} not in query's columns. Must be one of {there}")
    return column
