"""Whether each subscriber was at their reference location only."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.subscriber.unique_locations import UniqueLocations
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.units import require_one_unit


@attrs.frozen(eq=False, slots=False, repr=False)
class UnmovingAtReferenceLocation(SubscriberFeature):
    """Whether every place where a subscriber was is the one that a location query gives for them.

    A null reference location is no place that a subscriber could stay at.

    Parameters
    ----------
    locations : UniqueLocations
        Where subscribers were.
    reference_locations : BaseLocation
        Of the same spatial unit.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (boolean); a row for each subscriber that both know.

    Raises
    ------
    InvalidSpatialUnitError
        If the units differ.
    """

    locations: UniqueLocations = attrs.field(validator=attrs.validators.instance_of(UniqueLocations))
    reference_locations: BaseLocation = attrs.field(validator=attrs.validators.instance_of(BaseLocation))

    def __attrs_post_init__(self) -> None:
        require_one_unit(self, self.locations, self.reference_locations)

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of both."""
        return self.reference_locations.spatial_unit

    def select(self, using: Compilation) -> Select[Any]:
        """Compare all places of each subscriber with the reference."""
        places = using(self.locations).alias()
        reference = using(self.reference_locations).alias()
        same = sa.and_(*(places.c[n] == reference.c[n] for n in self.spatial_unit.location_id_columns))
        stayed = sa.func.bool_and(sa.func.coalesce(same, sa.false())).label("value")
        return (
            sa.select(places.c.subscriber, stayed)
            .select_from(places.join(reference, places.c.subscriber == reference.c.subscriber))
            .group_by(places.c.subscriber)
        )
