"""A preferred place of each subscriber, or else another."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.units import require_one_unit

_location = attrs.validators.instance_of(BaseLocation)


@attrs.frozen(eq=False, slots=False, repr=False)
class CoalescedLocation(BaseLocation):
    """Place that the preferred locations give for each subscriber, or that of the fallback if they give none.

    A place is taken as a whole: where every location column of the preferred place is null, or the
    subscriber has no row there. Subscribers that either knows have a row, with a null place if neither
    knows theirs.

    Parameters
    ----------
    preferred_locations, fallback_locations : BaseLocation
        Of one spatial unit.

    Notes
    -----
    Columns: ``subscriber`` (text), then the unit's location columns in alphabetical order.

    Raises
    ------
    InvalidSpatialUnitError
        If the units differ.
    """

    preferred_locations: BaseLocation = attrs.field(validator=_location)
    fallback_locations: BaseLocation = attrs.field(validator=_location)

    def __attrs_post_init__(self) -> None:
        require_one_unit(self, self.preferred_locations, self.fallback_locations)

    @property
    def spatial_unit(self) -> SpatialUnit:  # type: ignore[override]
        """The spatial unit of both."""
        return self.preferred_locations.spatial_unit

    @property
    def one_row_per_subscriber(self) -> bool:  # type: ignore[override]
        """Whether both inputs have one row per subscriber."""
        return (
            self.preferred_locations.one_row_per_subscriber and self.fallback_locations.one_row_per_subscriber
        )

    def select(self, using: Compilation) -> Select[Any]:
        """Join both on the subscriber, and take the first place that is known."""
        preferred = using(self.preferred_locations).alias()
        fallback = using(self.fallback_locations).alias()
        names = sorted(self.spatial_unit.location_id_columns)
        # Null also where a subscriber has no preferred row.
        unknown = sa.and_(*(preferred.c[name].is_(None) for name in names))
        place = [sa.case((unknown, fallback.c[name]), else_=preferred.c[name]).label(name) for name in names]
        subscriber = sa.func.coalesce(preferred.c.subscriber, fallback.c.subscriber).label("subscriber")
        return sa.select(subscriber, *place).select_from(
            preferred.join(fallback, preferred.c.subscriber == fallback.c.subscriber, full=True)
        )
