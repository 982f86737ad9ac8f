"""Who was not there before."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.query import Query
from flowmachine.features.subscriber.metaclasses import SubscriberFeature

_query = attrs.validators.instance_of(Query)


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class NewSubscribers(SubscriberFeature):
    """The subscribers of one query that are not among those of another.

    Parameters
    ----------
    unique_subscribers_bench_mark : Query
        Who was there before; with a column ``subscriber``, such as ``UniqueSubscribers``.
    unique_subscribers_focal : Query
        Who is there now; likewise.

    Notes
    -----
    Columns: ``subscriber`` (text), each once.

    Raises
    ------
    ValueError
        If a query has no column ``subscriber``, or the two identify subscribers by different columns.
    """

    unique_subscribers_bench_mark: Query = attrs.field(validator=_query)
    unique_subscribers_focal: Query = attrs.field(validator=_query)

    def __attrs_post_init__(self) -> None:
        both = (self.unique_subscribers_bench_mark, self.unique_subscribers_focal)
        for query in both:
            require_columns(query, "subscriber")
        identifiers = {
            str(query.subscriber_identifier) for query in both if hasattr(query, "subscriber_identifier")
        }
        if len(identifiers) > 1:
            raise ValueError(
                "The subscribers are compared by their identifiers, which must be of one kind, not "
                f"{' and '.join(sorted(identifiers))}."
            )

    def select(self, using: Compilation) -> Select[Any]:
        """Leave out who was there before."""
        before = using(self.unique_subscribers_bench_mark).alias("before")
        now = using(self.unique_subscribers_focal).alias("now")
        known = sa.exists().where(before.c.subscriber == now.c.subscriber)
        return sa.select(now.c.subscriber).where(~known).distinct()
