"""Which kinds a modal location may be made from."""

from typing import Annotated

from typing_extensions import TypeAliasType

from flowmachine.api.kinds.daily_location import DailyLocation
from flowmachine.api.one_kind import OneKind

InputToModalLocation = TypeAliasType("InputToModalLocation", Annotated[DailyLocation, OneKind()])
