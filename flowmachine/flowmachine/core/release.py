"""Which rows of an aggregate may be released, when each says how many subscribers contribute to it.

Every rule releases at most the rows with more contributors than the threshold. Where rows can be
completed from each other (the labels of one place, the shares of one whole, the bins of a
histogram), rows are withheld together. The rules are those of statistical disclosure control for
magnitude and frequency tables: a minimum frequency and complementary suppression; see A. Hundepool
et al., *Statistical Disclosure Control* (Wiley, 2012), chapter 4.
"""

from typing import Any, Protocol

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

CONTRIBUTORS = "contributors"


class ReleaseRule(Protocol):
    """What becomes of the rows of an aggregate."""

    def release(self, groups: FromClause, threshold: int) -> Select[Any]:
        """Select what is released of ``groups``, which have a column ``contributors``."""


def _published(groups: FromClause) -> list[ColumnElement[Any]]:
    return [column for column in groups.c if column.name != CONTRIBUTORS]


@attrs.frozen
class EachRow:
    """A row is released if more than the threshold contribute to it."""

    def release(self, groups: FromClause, threshold: int) -> Select[Any]:
        """Keep the rows with enough contributors."""
        return sa.select(*_published(groups)).where(groups.c[CONTRIBUTORS] > threshold)


@attrs.frozen
class Together:
    """The rows that agree in some columns are released if each of them has enough contributors."""

    columns: tuple[str, ...]

    def release(self, groups: FromClause, threshold: int) -> Select[Any]:
        """Keep the rows whose smallest companion has enough contributors."""
        keys = [groups.c[name] for name in self.columns]
        least = sa.func.min(groups.c[CONTRIBUTORS]).over(partition_by=keys).label("least")
        rated = sa.select(*groups.c, least).subquery("rated")
        return sa.select(*(rated.c[column.name] for column in _published(groups))).where(
            rated.c.least > threshold
        )


@attrs.frozen
class Shares:
    """Rows that agree in some columns are parts of one whole, each subscriber in one of them.

    A part with few contributors is withheld. If those withheld are few together, they could be told
    by what is missing to the whole, so the next smallest part is withheld too.
    """

    columns: tuple[str, ...]

    def release(self, groups: FromClause, threshold: int) -> Select[Any]:
        """Keep the rows with enough contributors, beside which no few are left."""
        keys = [groups.c[name] for name in self.columns]
        others = [groups.c[c.name] for c in _published(groups) if c.name not in self.columns]
        smaller = sa.func.sum(groups.c[CONTRIBUTORS]).over(
            partition_by=keys, order_by=[groups.c[CONTRIBUTORS], *others], rows=(None, -1)
        )
        rated = sa.select(*groups.c, sa.func.coalesce(smaller, 0).label("smaller")).subquery("rated")
        enough = rated.c[CONTRIBUTORS] > threshold
        return sa.select(*(rated.c[column.name] for column in _published(groups))).where(
            enough, (rated.c.smaller == 0) | (rated.c.smaller > threshold)
        )


@attrs.frozen
class AllOrNothing:
    """All rows are released, if each has no contributors or enough; else one row of nulls."""

    def release(self, groups: FromClause, threshold: int) -> Select[Any]:
        """Keep all rows, or put one row of nulls in their place."""
        few = groups.c[CONTRIBUTORS].between(1, threshold)
        some_few = sa.func.coalesce(sa.func.bool_or(few).over(), sa.false()).label("some_few")
        place = sa.func.row_number().over().label("place")
        rated = sa.select(*groups.c, some_few, place).subquery("rated")
        shown = [
            sa.case((~rated.c.some_few, rated.c[column.name])).label(column.name)
            for column in _published(groups)
        ]
        return sa.select(*shown).where(~rated.c.some_few | (rated.c.place == 1))
