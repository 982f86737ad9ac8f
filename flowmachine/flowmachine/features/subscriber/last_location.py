"""The last place where each subscriber was."""

from collections.abc import Mapping
from typing import ClassVar

import attrs

from flowmachine.features.utilities.locating import BestVisit
from flowmachine.features.utilities.visits import LATEST_EVENT, Measure


@attrs.frozen(eq=False, slots=False, repr=False)
class LastLocation(BestVisit):
    """Place of each subscriber's latest event in ``[start, stop)``.

    Of places tied at the latest instant, the one first in order is taken. Parameters, columns and
    errors are those of :class:`~flowmachine.features.utilities.locating.BestVisit`.
    """

    measures: ClassVar[Mapping[str, Measure]] = {"latest": LATEST_EVENT}
