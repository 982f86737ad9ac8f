"""Which kinds may stand where a metric of subscribers is asked for."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypeAliasType

from flowmachine.api.kinds.event_count import EventCount
from flowmachine.api.kinds.unique_location_counts import UniqueLocationCounts

JoinableMetrics = TypeAliasType(
    "JoinableMetrics",
    Annotated[
        UniqueLocationCounts  # a kind is one line, in the order in which kinds are listed
        | EventCount,
        Field(discriminator="query_kind"),
    ],
)
"""Metrics that can be joined to places."""

HistogrammableMetrics = TypeAliasType(
    "HistogrammableMetrics",
    Annotated[
        UniqueLocationCounts  # those above whose values are numbers
        | EventCount,
        Field(discriminator="query_kind"),
    ],
)
"""Metrics that are numbers."""

CATEGORICAL = frozenset({"handset"})
"""The kinds of metrics that are no numbers."""
