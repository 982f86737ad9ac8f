"""What queries made from several locations, usually one per day, have in common."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause

from flowmachine.core.compilation import Compilation
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.units import require_one_unit


def _in_order(locations: Any) -> tuple[BaseLocation, ...]:
    """Put the inputs into one order, because theirs carries no meaning: the dates do."""
    return tuple(sorted(locations, key=lambda location: (location.start, location.query_id)))


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class MultiLocation(BaseLocation):
    """Base of queries over several location queries, each of which stands for the day that it starts on.

    Parameters
    ----------
    *daily_locations : BaseLocation
        At least one, all of one spatial unit, such as
        :func:`~flowmachine.features.subscriber.daily_location.daily_location`. Their order does not
        matter; one given twice counts twice.

    Raises
    ------
    ValueError
        Without any location, or if one has no start.
    InvalidSpatialUnitError
        If the units differ.
    """

    locations: tuple[BaseLocation, ...] = attrs.field(converter=_in_order)

    def __init__(self, *daily_locations: BaseLocation) -> None:
        if not daily_locations:
            raise ValueError(f"{type(self).__name__} needs at least one location.")
        for location in daily_locations:
            if not hasattr(location, "start"):
                raise ValueError(f"{type(location).__name__} does not say on which day it starts.")
        require_one_unit(self, *daily_locations)
        self.__attrs_init__(locations=daily_locations)

    @property
    def spatial_unit(self) -> SpatialUnit:  # type: ignore[override]
        """The spatial unit of all inputs."""
        return self.locations[0].spatial_unit

    @property
    def subscriber_identifier(self) -> str:
        """The column that identifies the subscribers of the earliest input."""
        identifier: str = self.locations[0].subscriber_identifier  # type: ignore[attr-defined]
        return identifier

    @property
    def start(self) -> str:  # type: ignore[override]
        """The earliest start of the inputs."""
        return self.locations[0].start

    @property
    def stop(self) -> str:
        """The latest start of the inputs."""
        return self.locations[-1].start

    def stacked(self, using: Compilation) -> FromClause:
        """Stack the inputs' rows, with the start of each as ``date``."""
        days = []
        for location in self.locations:
            relation = using(location)
            date = sa.cast(sa.literal(location.start, sa.Text), sa.TIMESTAMP).label("date")
            place = [relation.c[name] for name in self.spatial_unit.location_id_columns]
            days.append(sa.select(relation.c.subscriber, *place, date))
        return sa.union_all(*days).subquery("days")
