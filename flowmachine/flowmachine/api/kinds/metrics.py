"""Which kinds may stand where a metric is asked for; plug-ins may add to each of these unions."""

from typing import Annotated

from typing_extensions import TypeAliasType

from flowmachine.api.kinds.displacement import Displacement
from flowmachine.api.kinds.event_count import EventCount
from flowmachine.api.kinds.handset import Handset
from flowmachine.api.kinds.nocturnal_events import NocturnalEvents
from flowmachine.api.kinds.pareto_interactions import ParetoInteractions
from flowmachine.api.kinds.radius_of_gyration import RadiusOfGyration
from flowmachine.api.kinds.subscriber_degree import SubscriberDegree
from flowmachine.api.kinds.topup_amount import TopUpAmount
from flowmachine.api.kinds.topup_balance import TopUpBalance
from flowmachine.api.kinds.total_active_periods import TotalActivePeriods
from flowmachine.api.kinds.unique_location_counts import UniqueLocationCounts
from flowmachine.api.nesting import Nested

JoinableMetrics = TypeAliasType(
    "JoinableMetrics",
    Annotated[
        RadiusOfGyration
        | UniqueLocationCounts
        | TopUpBalance
        | SubscriberDegree
        | TopUpAmount
        | EventCount
        | Handset
        | ParetoInteractions
        | NocturnalEvents
        | Displacement
        | TotalActivePeriods,
        Nested("JoinableMetrics"),
    ],
)
HistogrammableMetrics = TypeAliasType(
    "HistogrammableMetrics",
    Annotated[
        RadiusOfGyration
        | UniqueLocationCounts
        | TopUpBalance
        | SubscriberDegree
        | TopUpAmount
        | EventCount
        | ParetoInteractions
        | NocturnalEvents
        | Displacement
        | TotalActivePeriods,
        Nested("HistogrammableMetrics"),
    ],
)
"""Those of the above whose values are numbers."""

CATEGORICAL = frozenset({"handset"})
"""The kinds of metrics that are no numbers."""
