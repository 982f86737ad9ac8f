"""What may be released of trips."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.flow_like import FlowLike
from flowmachine.features.location.trips_od_matrix import TripsODMatrix


class RedactedTripsODMatrix(NamedRedacted, FlowLike):
    """The rows of trips with more than 15 contributors.

    Parameters
    ----------
    trips : TripsODMatrix
    """

    target_class = TripsODMatrix

    def __init__(self, *, trips: TripsODMatrix) -> None:
        super().__init__(trips)
