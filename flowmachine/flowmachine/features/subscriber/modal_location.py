"""The place where each subscriber was on most days."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.features.utilities.multilocation import MultiLocation


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class ModalLocation(MultiLocation):
    """Place that most of the given queries give for each subscriber; usually one query per day.

    Of places given equally often, the one with the most recent day is taken, then the one first in
    order. Parameters and errors are those of
    :class:`~flowmachine.features.utilities.multilocation.MultiLocation`.

    Notes
    -----
    Columns: ``subscriber`` (text), then the unit's location columns.
    """

    def select(self, using: Compilation) -> Select[Any]:
        """Count the days of each subscriber and place, and take the largest count."""
        names = self.spatial_unit.location_id_columns
        stacked = self.stacked(using)
        place = [stacked.c[name] for name in names]
        counts = (
            sa.select(
                stacked.c.subscriber,
                *place,
                sa.func.count().label("days"),
                sa.func.max(stacked.c.date).label("latest"),
            )
            .group_by(stacked.c.subscriber, *place)
            .subquery("counts")
        )
        place = [counts.c[name] for name in names]
        return sql.first_per(
            [counts.c.subscriber],
            [sa.desc(counts.c.days), sa.desc(counts.c.latest), *place],
            columns=[counts.c.subscriber, *place],
        )
