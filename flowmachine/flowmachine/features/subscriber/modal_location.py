"""The place where each subscriber was on most days."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.locating import BaseLocation


def _in_order(locations: Any) -> tuple[BaseLocation, ...]:
    """Put the inputs into one order, because theirs carries no meaning: the dates do."""
    return tuple(sorted(locations, key=lambda location: (location.start, location.query_id)))


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class ModalLocation(BaseLocation):
    """Place that most of the given queries give for each subscriber; usually one query per day.

    Of places given equally often, the one with the most recent day is taken, then the one first in
    order. An input given twice counts twice.

    Parameters
    ----------
    *locations : BaseLocation
        At least one, all of one spatial unit. Their order does not matter.

    Notes
    -----
    Columns: ``subscriber`` (text), then the unit's location columns.

    Raises
    ------
    ValueError
        Without any location.
    InvalidSpatialUnitError
        If the units differ.
    """

    locations: tuple[BaseLocation, ...] = attrs.field(converter=_in_order)

    def __init__(self, *locations: BaseLocation) -> None:
        if not locations:
            raise ValueError("A modal location needs at least one location.")
        units = {location.spatial_unit for location in locations}
        if len(units) > 1:
            raise InvalidSpatialUnitError(
                "All inputs to modal_location should have the same aggregation unit"
            )
        self.__attrs_init__(locations=locations)

    @property
    def spatial_unit(self) -> SpatialUnit:  # type: ignore[override]
        """The spatial unit of all inputs."""
        return self.locations[0].spatial_unit

    @property
    def start(self) -> str:  # type: ignore[override]
        """The earliest start of the inputs."""
        return self.locations[0].start

    def select(self, using: Compilation) -> Select[Any]:
        """Count the days of each subscriber and place, and take the largest count."""
        names = self.spatial_unit.location_id_columns
        days = []
        for location in self.locations:
            relation = using(location)
            date = sa.cast(sa.literal(location.start, sa.Text), sa.TIMESTAMP).label("date")
            days.append(sa.select(relation.c.subscriber, *(relation.c[name] for name in names), date))
        stacked = sa.union_all(*days).subquery("days")
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
