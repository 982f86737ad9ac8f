"""The direction of an interaction, as seen from the subscriber of the row."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from flowmachine.core import sql


class Direction(StrEnum):
    """Which interactions count: received, made, or both."""

    IN = "in"
    OUT = "out"
    BOTH = "both"

    @property
    def required_columns(self) -> list[str]:
        """The columns that a table of events must have: ``outgoing``, unless every interaction counts."""
        return [] if self is Direction.BOTH else ["outgoing"]

    def get_filter_clause(self, prefix: str | None = None) -> str:
        """Return the condition on events as SQL, empty if every interaction counts.

        Parameters
        ----------
        prefix : str, optional
            Name of the table or alias that has the column ``outgoing``.

        Examples
        --------
        >>> Direction.IN.get_filter_clause(prefix="calls")
        'NOT calls.outgoing'
        """
        table = sa.table(prefix, sa.column("outgoing", sa.Boolean)) if prefix else None
        outgoing = sa.column("outgoing", sa.Boolean) if table is None else table.c.outgoing
        return "".join(sql.render(condition) for condition in self.condition(outgoing))

    def condition(self, outgoing: ColumnElement[bool]) -> list[ColumnElement[bool]]:
        """Return the conditions on an events table's column ``outgoing``."""
        match self:
            case Direction.IN:
                return [~outgoing]
            case Direction.OUT:
                return [outgoing]
        return []
