"""Which kinds may stand where a location is asked for; plug-ins may add to each of these unions."""

from typing import Annotated

from typing_extensions import TypeAliasType

from flowmachine.api.kinds.daily_location import DailyLocation
from flowmachine.api.kinds.modal_location import ModalLocation
from flowmachine.api.nesting import Nested

ReferenceLocation = TypeAliasType(
    "ReferenceLocation", Annotated[DailyLocation | ModalLocation, Nested("ReferenceLocation")]
)
InputToFlows = TypeAliasType("InputToFlows", Annotated[DailyLocation | ModalLocation, Nested("InputToFlows")])
