"""What may be released of meaningful locations by place."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.meaningful_locations_aggregate import MeaningfulLocationsAggregate


class RedactedMeaningfulLocationsAggregate(NamedRedacted):
    """The rows of meaningful locations by place with more than 15 contributors.

    Parameters
    ----------
    meaningful_locations_aggregate : MeaningfulLocationsAggregate
    """

    target_class = MeaningfulLocationsAggregate

    def __init__(self, *, meaningful_locations_aggregate: MeaningfulLocationsAggregate) -> None:
        super().__init__(meaningful_locations_aggregate)
