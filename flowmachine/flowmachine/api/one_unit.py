"""The rule that the locations of a list have one aggregation unit."""

from typing import TypeVar

from flowmachine.api.base import QuerySpec

Specs = TypeVar("Specs", bound=QuerySpec)


def one_unit(locations: list[Specs]) -> list[Specs]:
    """Return the specs if their units agree.

    Raises
    ------
    ValueError
        In the words that clients know.
    """
    if len({location.unit for location in locations}) > 1:
        raise ValueError("All locations must have the same aggregation unit")
    return locations
