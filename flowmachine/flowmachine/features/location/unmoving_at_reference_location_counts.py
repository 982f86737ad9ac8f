"""How many subscribers were at their reference location only, by that location."""

from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.subscriber.unmoving_at_reference_location import UnmovingAtReferenceLocation


@attrs.frozen(eq=False, slots=False, repr=False)
class UnmovingAtReferenceLocationCounts(Aggregate):
    """Number of subscribers of each reference location who were there and nowhere else.

    Parameters
    ----------
    unmoving_at_reference_location : UnmovingAtReferenceLocation

    Notes
    -----
    Columns: the unit's location columns, ``value`` (bigint, subscribers). Places without such
    subscribers have no row. The contributors of a row are the subscribers that it counts.
    """

    unmoving_at_reference_location: UnmovingAtReferenceLocation = attrs.field(
        validator=attrs.validators.instance_of(UnmovingAtReferenceLocation)
    )

    @cached_property
    def dependencies(self) -> tuple[Query, ...]:
        """Who did not move, and where they were."""
        return (self.unmoving_at_reference_location, self.unmoving_at_reference_location.reference_locations)

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of the locations."""
        return self.unmoving_at_reference_location.reference_locations.spatial_unit

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Count those who did not move by their reference location."""
        unmoving = using(self.unmoving_at_reference_location).alias()
        located = using(self.unmoving_at_reference_location.reference_locations).alias()
        place = [located.c[name] for name in self.spatial_unit.location_id_columns]
        subscribers = sa.func.count(sa.distinct(located.c.subscriber))
        return (
            sa.select(*place, subscribers.label("value"), subscribers.label(CONTRIBUTORS))
            .select_from(located.join(unmoving, located.c.subscriber == unmoving.c.subscriber))
            .where(unmoving.c.value)
            .group_by(*place)
        )
