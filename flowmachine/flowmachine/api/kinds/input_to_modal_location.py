"""Which kinds a modal location may be made from."""

from typing import Annotated

from typing_extensions import TypeAliasType

from flowmachine.api.kinds.daily_location import DailyLocation
from flowmachine.api.nesting import Nested

InputToModalLocation = TypeAliasType(
    "InputToModalLocation", Annotated[DailyLocation, Nested("InputToModalLocation")]
)
