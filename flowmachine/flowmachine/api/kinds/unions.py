"""Which kinds may stand where a location is asked for; plug-ins may add to each of these unions."""

from typing import Annotated

from typing_extensions import TypeAliasType

from flowmachine.api.kinds.coalesced_location import CoalescedLocation
from flowmachine.api.kinds.daily_location import DailyLocation
from flowmachine.api.kinds.majority_location import MajorityLocation
from flowmachine.api.kinds.modal_location import ModalLocation
from flowmachine.api.kinds.most_frequent_location import MostFrequentLocation
from flowmachine.api.kinds.unique_locations import UniqueLocations
from flowmachine.api.kinds.visited_most_days import VisitedMostDays
from flowmachine.api.nesting import Nested

ReferenceLocation = TypeAliasType(
    "ReferenceLocation",
    Annotated[
        DailyLocation
        | ModalLocation
        | MostFrequentLocation
        | VisitedMostDays
        | MajorityLocation
        | CoalescedLocation,
        Nested("ReferenceLocation"),
    ],
)
InputToFlows = TypeAliasType(
    "InputToFlows",
    Annotated[
        DailyLocation
        | ModalLocation
        | MostFrequentLocation
        | VisitedMostDays
        | MajorityLocation
        | CoalescedLocation
        | UniqueLocations,
        Nested("InputToFlows"),
    ],
)
