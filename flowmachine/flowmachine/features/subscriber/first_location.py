"""When each subscriber was first at some place."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.geom_unit import Locations
from flowmachine.core.identity import canonical, dumps
from flowmachine.core.spatial_unit import CellSpatialUnit, SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.daily_visits import OverDays
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.visits import EARLIEST_EVENT

ANYWHERE = "any"
Place: TypeAlias = "str | tuple[float, float] | Mapping[str, Any]"


def _is_position(value: Any) -> bool:
    """Tell whether a value is a longitude and a latitude."""
    return (
        isinstance(value, tuple | list)
        and len(value) == 2
        and all(isinstance(number, int | float) for number in value)
    )


def _places(location: Locations) -> tuple[Place, ...]:
    """Put places into one order, each once: theirs carries no meaning."""
    one = isinstance(location, str | Mapping) or _is_position(location)
    several: list[Any] = [location] if one else list(location)
    places = [(float(place[0]), float(place[1])) if _is_position(place) else place for place in several]
    if not places:
        raise ValueError("A first location needs at least one place.")
    by_encoding = {dumps(canonical(place)): place for place in places}
    return tuple(by_encoding[encoding] for encoding in sorted(by_encoding))


@attrs.frozen(eq=False, slots=False, repr=False)
class FirstLocation(OverDays, SubscriberFeature):
    """Time of each subscriber's earliest event at a place, or at any of several, in ``[start, stop)``.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    location : str, dict, pair of float, or list of these
        Places as in :meth:`~flowmachine.core.geom_unit.SpatialUnitMixin.location_condition`; order and
        repetitions do not matter. ``"any"``, for the unit of cells only: wherever the event was.
    spatial_unit : SpatialUnit, default cell
    hours, table, subscriber_identifier, ignore_nulls, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Notes
    -----
    Columns: ``subscriber`` (text), ``time`` (timestamp with time zone). Subscribers who were not there
    have no row.

    Raises
    ------
    ValueError
        For ``"any"`` with another unit, no place, or one that the unit cannot have.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    location: tuple[Place, ...] = attrs.field(kw_only=True, converter=_places)
    spatial_unit: SpatialUnit = fields.unit_field(default=CellSpatialUnit(), kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    ignore_nulls: bool = fields.flag_field(True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True

    def __attrs_post_init__(self) -> None:
        if not self._anywhere:
            names = self.spatial_unit.location_id_columns
            self.spatial_unit.location_condition({name: sa.column(name) for name in names}, self.location)
        elif not isinstance(self.spatial_unit, CellSpatialUnit):
            raise ValueError("Any place can only be asked for in the unit of cells.")

    @property
    def _anywhere(self) -> bool:
        return self.location == (ANYWHERE,)

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Take the earliest of each subscriber's visits to the places."""
        unit = self.spatial_unit
        visits = self.visits(using, {"earliest": EARLIEST_EVENT}).subquery("visits")
        first = sa.func.min(visits.c.earliest).label("time")
        found = sa.select(visits.c.subscriber, first).group_by(visits.c.subscriber)
        if self._anywhere:
            return found
        columns = {name: visits.c[name] for name in unit.location_id_columns}
        return found.where(unit.location_condition(columns, self.location))
