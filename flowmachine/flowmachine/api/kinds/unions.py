"""Which kinds may stand where a location is asked for."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypeAliasType

from flowmachine.api.kinds.daily_location import DailyLocation
from flowmachine.api.kinds.modal_location import ModalLocation

ReferenceLocation = TypeAliasType(
    "ReferenceLocation", Annotated[DailyLocation | ModalLocation, Field(discriminator="query_kind")]
)
InputToFlows = TypeAliasType(
    "InputToFlows", Annotated[DailyLocation | ModalLocation, Field(discriminator="query_kind")]
)
