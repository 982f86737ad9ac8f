"""What may be released of a spatial aggregate."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.spatial_aggregate import SpatialAggregate


class RedactedSpatialAggregate(NamedRedacted):
    """The rows of a spatial aggregate with more than 15 contributors.

    Parameters
    ----------
    spatial_aggregate : SpatialAggregate
    """

    target_class = SpatialAggregate

    def __init__(self, *, spatial_aggregate: SpatialAggregate) -> None:
        super().__init__(spatial_aggregate)
