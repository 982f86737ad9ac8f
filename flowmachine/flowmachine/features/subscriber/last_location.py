"""The last place where each subscriber was."""

from typing import ClassVar

import attrs

from flowmachine.features.utilities.locating import BestVisit


@attrs.frozen(eq=False, slots=False, repr=False)
class LastLocation(BestVisit):
    """Place of each subscriber's latest event in ``[start, stop)``.

    Of places tied at the latest instant, the one first in order is taken. Parameters, columns and
    errors are those of :class:`~flowmachine.features.utilities.locating.BestVisit`.
    """

    measures: ClassVar[tuple[str, ...]] = ("latest",)
