"""Which kinds may be given as the locations whose visits are counted."""

from typing import Annotated

from typing_extensions import TypeAliasType

from flowmachine.api.kinds.daily_location import DailyLocation
from flowmachine.api.kinds.modal_location import ModalLocation
from flowmachine.api.nesting import Nested

VisitableLocation = TypeAliasType(
    "VisitableLocation", Annotated[DailyLocation | ModalLocation, Nested("VisitableLocation")]
)
