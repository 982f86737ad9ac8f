"""The place where each subscriber was most often."""

from typing import ClassVar

import attrs

from flowmachine.features.utilities.locating import BestVisit


@attrs.frozen(eq=False, slots=False, repr=False)
class MostFrequentLocation(BestVisit):
    """Place with most of each subscriber's events in ``[start, stop)``.

    Of places with equally many events, the one with the latest event is taken, then the one first
    in order. Parameters, columns and errors are those of
    :class:`~flowmachine.features.utilities.locating.BestVisit`.
    """

    measures: ClassVar[tuple[str, ...]] = ("events", "latest")
