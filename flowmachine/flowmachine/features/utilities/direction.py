"""The direction of an interaction, as seen from the subscriber of the row."""

from enum import StrEnum

from sqlalchemy import ColumnElement


class Direction(StrEnum):
    """Which interactions count: received, made, or both."""

    IN = "in"
    OUT = "out"
    BOTH = "both"

    def condition(self, outgoing: ColumnElement[bool]) -> list[ColumnElement[bool]]:
        """Return the conditions on an events table's column ``outgoing``."""
        match self:
            case Direction.IN:
                return [~outgoing]
            case Direction.OUT:
                return [outgoing]
        return []
