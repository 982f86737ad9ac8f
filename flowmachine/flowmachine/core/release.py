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

from flowmachine.core.names import fresh_name

CONTRIBUTORS = "contributors"


class ReleaseRule(Protocol):
    """What becomes of the rows of an aggregate."""

    def release(self, groups: FromClause, threshold: int) -> Select[Any]:
        """Select what is released of ``groups``, which have a column ``contributors``."""


def _published(rows: FromClause, groups: FromClause) -> list[ColumnElement[Any]]:
    """Return the columns of some rows that are those of the aggregate."""
    return [rows.c[column.name] for column in groups.c if column.name != CONTRIBUTORS]


def _people(groups: FromClause) -> ColumnElement[Any]:
    """Return the number of contributors; one that is not known is too few, but not nobody."""
    return sa.func.coalesce(groups.c[CONTRIBUTORS], 1)


def _rated(groups: FromClause, **ratings: ColumnElement[Any]) -> tuple[Any, ...]:
    """Return the groups with what is worked out of them, and these further columns.

    Their names are such as the aggregate has not: its columns may have any.
    """
    further = [rating.label(fresh_name(name, groups.c.keys())) for name, rating in ratings.items()]
    rated = sa.select(*groups.c, *further).subquery("rated")
    return rated, *(rated.c[column.name] for column in further)


@attrs.frozen
class EachRow:
    """A row is released if more than the threshold contribute to it."""

    def release(self, groups: FromClause, threshold: int) -> Select[Any]:
        """Keep the rows with enough contributors."""
        return sa.select(*_published(groups, groups)).where(groups.c[CONTRIBUTORS] > threshold)


@attrs.frozen
class Together:
    """The rows that agree in some columns are released if each of them has enough contributors."""

    columns: tuple[str, ...]

    def release(self, groups: FromClause, threshold: int) -> Select[Any]:
        """Keep the rows whose smallest companion has enough contributors."""
        keys = [groups.c[name] for name in self.columns]
        least = sa.func.min(_people(groups)).over(partition_by=keys)
        rated, rating = _rated(groups, least=least)
        return sa.select(*_published(rated, groups)).where(rating > threshold)


@attrs.frozen
class Shares:
    """Rows that agree in some columns are parts of one whole, each subscriber in one of them.

    A part with few contributors is withheld. If those withheld are few together, they could be told
    by what is missing to the whole, so the next smallest part is withheld too; of equally large ones,
    the first in the order of the other columns.
    """

    columns: tuple[str, ...]

    def release(self, groups: FromClause, threshold: int) -> Select[Any]:
        """Keep the rows with enough contributors, beside which no few are left."""
        keys = [groups.c[name] for name in self.columns]
        others = [column for column in _published(groups, groups) if column.name not in self.columns]
        before = sa.func.sum(_people(groups)).over(
            partition_by=keys, order_by=[_people(groups), *others], rows=(None, -1)
        )
        rated, smaller = _rated(groups, smaller=sa.func.coalesce(before, 0))
        enough = rated.c[CONTRIBUTORS] > threshold
        return sa.select(*_published(rated, groups)).where(enough, (smaller == 0) | (smaller > threshold))


@attrs.frozen
class AllOrNothing:
    """All rows are released, if each has no contributors or enough; else one row of nulls."""

    def release(self, groups: FromClause, threshold: int) -> Select[Any]:
        """Keep all rows, or put one row of nulls in their place."""
        few = _people(groups).between(1, threshold)
        rated, some_few, number = _rated(
            groups,
            some_few=sa.func.coalesce(sa.func.bool_or(few).over(), sa.false()),
            number=sa.func.row_number().over(),
        )
        shown = [sa.case((~some_few, column)).label(column.name) for column in _published(rated, groups)]
        return sa.select(*shown).where(~some_few | (number == 1))
