"""Where each subscriber was, day after day."""

from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.features.utilities.multilocation import MultiLocation


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class DayTrajectories(MultiLocation):
    """The given locations one below the other, each with its day: a subscriber has a row for each.

    Parameters and errors are those of
    :class:`~flowmachine.features.utilities.multilocation.MultiLocation`.

    Notes
    -----
    Columns: ``subscriber`` (text), the unit's location columns, ``date`` (timestamp, the start of the
    location query). Rows have no order.
    """

    worth_storing = False  # its inputs are
    one_row_per_subscriber: ClassVar[bool] = False

    def select(self, using: Compilation) -> Select[Any]:
        """Stack the inputs."""
        return sa.select(*self.stacked(using).c)
