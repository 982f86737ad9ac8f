"""What may be released of aggregates by value."""

from typing import Any

from flowmachine.core.disclosure import THRESHOLD_FLOOR, NamedRedacted
from flowmachine.core.query import Query
from flowmachine.core.statistic_types import StringAggregate
from flowmachine.features.nonspatial_aggregates.per_value_aggregate import PerValueAggregate


class RedactedPerValueAggregate(NamedRedacted):
    """The values of a query that more than a threshold of subscribers have.

    Parameters
    ----------
    query : Query
    aggregation : StringAggregate or str, default "count"
        No other is released: they name subscribers.
    redaction_threshold : int, default 15
    """

    target_class = PerValueAggregate

    def __init__(
        self,
        query: Query,
        aggregation: Any = StringAggregate.COUNT,
        redaction_threshold: int = THRESHOLD_FLOOR,
    ) -> None:
        super().__init__(PerValueAggregate(query, aggregation), redaction_threshold)
