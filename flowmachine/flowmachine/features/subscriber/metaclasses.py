"""What queries with one value per subscriber have in common."""

from typing import TYPE_CHECKING, Any, ClassVar

from flowmachine.core.query import Query

if TYPE_CHECKING:
    from flowmachine.core.statistic_types import Statistic
    from flowmachine.features.location.joined_spatial_aggregate import JoinedSpatialAggregate
    from flowmachine.features.utilities.locating import BaseLocation


class SubscriberFeature(Query):
    """Base of queries that say something of subscribers: ``subscriber``, then what is said."""

    one_row_per_subscriber: ClassVar[bool] = False
    """Set where no subscriber has two rows: their rows are then counted, which is faster."""

    def join_aggregate(
        self, locations: "BaseLocation", method: "Statistic | str" = "avg"
    ) -> "JoinedSpatialAggregate":
        """Return a statistic of this feature of the subscribers of each place of ``locations``."""
        from flowmachine.features.location.joined_spatial_aggregate import JoinedSpatialAggregate

        return JoinedSpatialAggregate(metric=self, locations=locations, method=method)

    def __getitem__(self, subscribers: Any) -> Any:
        """Return the rows of one subscriber, or of some."""
        return self.subset("subscriber", subscribers)
