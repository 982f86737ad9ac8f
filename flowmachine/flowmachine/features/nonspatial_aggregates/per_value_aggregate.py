"""The subscribers of each value of a feature."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.errors import DisclosureError
from flowmachine.core.query import Query
from flowmachine.core.release import EachRow, ReleaseRule
from flowmachine.core.statistic_types import StringAggregate


def _aggregation(value: Any) -> StringAggregate:
    return StringAggregate(str(value).lower())


@attrs.frozen(eq=False, slots=False, repr=False)
class PerValueAggregate(Aggregate):
    """An aggregate of the subscribers of each value of a query.

    Parameters
    ----------
    query : Query
        With the columns ``subscriber`` and ``value``.
    aggregation : {"count", "mode", "array", "array desc"}
        ``count``: how many rows have the value. The others name subscribers, so that they are for
        use within FlowMachine only, and never released.

    Notes
    -----
    Columns: ``grp`` (the value), ``value`` (bigint, subscribers; text, the identifier met most often,
    of several the first in order; or array of text, the identifiers in order). The contributors of a
    row are its different subscribers. Rows without a value are a group too.

    Raises
    ------
    ValueError
        For another aggregation, or a query without these columns.
    """

    query: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    aggregation: StringAggregate = attrs.field(default=StringAggregate.COUNT, converter=_aggregation)

    def __attrs_post_init__(self) -> None:
        require_columns(self.query, "subscriber", "value")

    @property
    def release_rule(self) -> ReleaseRule:
        """Each group is released that is large enough, if it does not name its members."""
        self._require_a_count()
        return EachRow()

    def _require_a_count(self) -> None:
        if self.aggregation is not StringAggregate.COUNT:
            raise DisclosureError(f"'{self.aggregation}' names subscribers; count them instead.")

    def _grouped(self, using: Compilation) -> tuple[FromClause, list[ColumnElement[Any]]]:
        rows = using(self.query)
        return rows, [rows.c.value.label("grp"), self.aggregation.of(rows.c.subscriber).label("value")]

    def select(self, using: Compilation) -> Select[Any]:
        """Group the rows by value."""
        rows, shown = self._grouped(using)
        return sa.select(*shown).group_by(rows.c.value)

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Group the rows by value, and count the subscribers of each.

        Raises
        ------
        DisclosureError
            If the rows name subscribers.
        """
        self._require_a_count()
        rows, shown = self._grouped(using)
        people = sa.func.count(sa.distinct(rows.c.subscriber)).label(CONTRIBUTORS)
        return sa.select(*shown, people).group_by(rows.c.value)
