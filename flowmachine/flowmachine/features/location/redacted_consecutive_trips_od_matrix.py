"""What may be released of consecutive trips."""

from flowmachine.core.disclosure import NamedRedacted
from flowmachine.features.location.consecutive_trips_od_matrix import ConsecutiveTripsODMatrix
from flowmachine.features.location.flow_like import FlowLike


class RedactedConsecutiveTripsODMatrix(NamedRedacted, FlowLike):
    """The rows of consecutive trips with more than 15 contributors.

    Parameters
    ----------
    consecutive_trips_od_matrix : ConsecutiveTripsODMatrix
    """

    target_class = ConsecutiveTripsODMatrix

    def __init__(self, *, consecutive_trips_od_matrix: ConsecutiveTripsODMatrix) -> None:
        super().__init__(consecutive_trips_od_matrix)
