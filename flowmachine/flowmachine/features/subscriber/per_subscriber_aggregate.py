"""A statistic over the rows that a query has for each subscriber."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.query import Query
from flowmachine.core.statistic_types import Statistic
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class PerSubscriberAggregate(SubscriberFeature):
    """Statistic of a column over the rows of each subscriber.

    Parameters
    ----------
    subscriber_query : Query
        With a column ``subscriber``.
    agg_column : str
        Another column of it.
    agg_method : Statistic or str, default avg

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (of the statistic's type).

    Raises
    ------
    ValueError
        For an unknown statistic, a query without the columns, or if the column is ``subscriber``.
    """

    subscriber_query: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    agg_column: str
    agg_method: Statistic = fields.statistic_field(Statistic.AVG, kw_only=True)

    def __attrs_post_init__(self) -> None:
        require_columns(self.subscriber_query, "subscriber", self.agg_column)
        if self.agg_column == "subscriber":
            raise ValueError("agg_column must not be 'subscriber', by which rows are grouped.")

    def select(self, using: Compilation) -> Select[Any]:
        """Group by subscriber."""
        rows = using(self.subscriber_query)
        return sa.select(
            rows.c.subscriber, self.agg_method.of(rows.c[self.agg_column]).label("value")
        ).group_by(rows.c.subscriber)
