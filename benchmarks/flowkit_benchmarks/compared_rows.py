"""Whether two lists of rows are the same, in whatever order."""

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any

Row = tuple[Any, ...]

# Sums of the same numbers in another order differ in the last digits.
TOLERANCE = 1e-9


def _plain(row: Row) -> Row:
    return tuple(
        float(value) if isinstance(value, Decimal | int | float) and not isinstance(value, bool) else value
        for value in row
    )


def _sorted(rows: Sequence[Row]) -> list[Row]:
    # Fractions last: where they differ a little, the rest still puts equal rows next to each other.
    def key(row: Row) -> tuple[list[str], list[float]]:
        fractions = [value for value in row if isinstance(value, float)]
        return [str(value) for value in row if not isinstance(value, float)], fractions

    return sorted(map(_plain, rows), key=key)


def _same(value: Any, other: Any) -> bool:
    if isinstance(value, float) and isinstance(other, float):
        return math.isclose(value, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(value == other)


def difference(rows: Sequence[Row], others: Sequence[Row]) -> str | None:
    """Tell how two lists of rows first differ; None if they hold the same rows."""
    if len(rows) != len(others):
        return f"{len(rows)} and {len(others)} rows"
    for row, other in zip_longest(_sorted(rows), _sorted(others)):
        if len(row) != len(other) or not all(map(_same, row, other)):
            return f"{row} and {other}"
    return None
