"""How many subscribers were seen at their reference location, by that location."""

from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.subscriber.active_at_reference_location import ActiveAtReferenceLocation


@attrs.frozen(eq=False, slots=False, repr=False)
class ActiveAtReferenceLocationCounts(Aggregate):
    """Number of subscribers of each reference location who were seen there.

    Parameters
    ----------
    active_at_reference_location : ActiveAtReferenceLocation
        Whose reference locations have one row per subscriber.

    Notes
    -----
    Columns: the unit's location columns, ``value`` (bigint, subscribers; 0 where nobody was). The
    contributors of a row are the subscribers that it counts.

    Raises
    ------
    ValueError
        For reference locations with several rows per subscriber.
    """

    active_at_reference_location: ActiveAtReferenceLocation = attrs.field(
        validator=attrs.validators.instance_of(ActiveAtReferenceLocation)
    )

    def __attrs_post_init__(self) -> None:
        reference = self.active_at_reference_location.reference_locations
        if not reference.one_row_per_subscriber:
            raise ValueError(f"{type(reference).__name__} gives a subscriber several reference locations.")

    @cached_property
    def dependencies(self) -> tuple[Query, ...]:
        """Who was active, and the locations at which."""
        active = self.active_at_reference_location
        return (active, active.reference_locations)

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of the reference locations."""
        return self.active_at_reference_location.spatial_unit

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Count those who were active among the subscribers of each location."""
        active = using(self.active_at_reference_location).alias()
        reference = using(self.active_at_reference_location.reference_locations).alias()
        place = [reference.c[name] for name in self.spatial_unit.location_id_columns]
        subscribers = sa.func.count().filter(active.c.value)
        return (
            sa.select(*place, subscribers.label("value"), subscribers.label(CONTRIBUTORS))
            .select_from(reference.join(active, reference.c.subscriber == active.c.subscriber))
            .group_by(*place)
        )
