"""The place where each subscriber was most often."""

from collections.abc import Mapping
from typing import ClassVar

import attrs

from flowmachine.features.utilities.locating import BestVisit
from flowmachine.features.utilities.visits import LATEST_EVENT, NUMBER_OF_EVENTS, Measure


@attrs.frozen(eq=False, slots=False, repr=False)
class MostFrequentLocation(BestVisit):
    """Place with most of each subscriber's events in ``[start, stop)``.

    Of places with equally many events, the one with the latest event is taken, then the one first
    in order. Parameters, columns and errors are those of
    :class:`~flowmachine.features.utilities.locating.BestVisit`.
    """

    measures: ClassVar[Mapping[str, Measure]] = {"events": NUMBER_OF_EVENTS, "latest": LATEST_EVENT}
