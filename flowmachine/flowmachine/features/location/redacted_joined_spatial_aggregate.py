"""What may be released of a joined spatial aggregate."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.joined_spatial_aggregate import JoinedSpatialAggregate


class RedactedJoinedSpatialAggregate(NamedRedacted):
    """The rows of a joined spatial aggregate with more than 15 contributors.

    Parameters
    ----------
    joined_spatial_aggregate : JoinedSpatialAggregate
    """

    target_class = JoinedSpatialAggregate

    def __init__(self, *, joined_spatial_aggregate: JoinedSpatialAggregate) -> None:
        super().__init__(joined_spatial_aggregate)
