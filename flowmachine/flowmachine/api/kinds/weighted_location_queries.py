"""Which kinds say how much each subscriber's places weigh."""

from typing import Annotated

from typing_extensions import TypeAliasType

from flowmachine.api.kinds.location_visits import LocationVisits
from flowmachine.api.nesting import Nested

WeightedLocationQueries = TypeAliasType(
    "WeightedLocationQueries", Annotated[LocationVisits, Nested("WeightedLocationQueries")]
)
