"""What may be released of pairs of meaningful locations."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.flow_like import FlowLike
from flowmachine.features.location.meaningful_locations_od import MeaningfulLocationsOD


class RedactedMeaningfulLocationsOD(NamedRedacted, FlowLike):
    """The rows of pairs of meaningful locations with more than 15 contributors.

    Parameters
    ----------
    meaningful_locations_od : MeaningfulLocationsOD
    """

    target_class = MeaningfulLocationsOD

    def __init__(self, *, meaningful_locations_od: MeaningfulLocationsOD) -> None:
        super().__init__(meaningful_locations_od)
