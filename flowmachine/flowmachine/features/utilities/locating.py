"""What queries that place subscribers have in common."""

from typing import TYPE_CHECKING, ClassVar

from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit

if TYPE_CHECKING:
    from flowmachine.features.location.spatial_aggregate import SpatialAggregate


class BaseLocation(Query):
    """Base of queries whose rows place subscribers: ``subscriber``, then the unit's location columns."""

    worth_storing = True
    one_row_per_subscriber: ClassVar[bool] = True
    spatial_unit: SpatialUnit
    start: str

    def aggregate(self) -> "SpatialAggregate":
        """Count the subscribers of each place."""
        from flowmachine.features.location.spatial_aggregate import SpatialAggregate

        return SpatialAggregate(locations=self)
