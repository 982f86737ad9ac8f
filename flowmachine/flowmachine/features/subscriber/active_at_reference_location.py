"""Whether each subscriber was seen at their reference location."""

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
class ActiveAtReferenceLocation(SubscriberFeature):
    """Whether the place that a location query gives for a subscriber is among those where they were.

    A null place is never among them.

    Parameters
    ----------
    subscriber_locations : UniqueLocations
        Where subscribers were.
    reference_locations : BaseLocation
        Of the same spatial unit.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (boolean); a row for each of the reference locations.

    Raises
    ------
    InvalidSpatialUnitError
        If the units differ.
    """

    subscriber_locations: UniqueLocations = attrs.field(
        validator=attrs.validators.instance_of(UniqueLocations)
    )
    reference_locations: BaseLocation = attrs.field(validator=attrs.validators.instance_of(BaseLocation))

    def __attrs_post_init__(self) -> None:
        require_one_unit(self, self.subscriber_locations, self.reference_locations)

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of both."""
        return self.reference_locations.spatial_unit

    def select(self, using: Compilation) -> Select[Any]:
        """Look up each reference location among the places, of which each is there once."""
        reference = using(self.reference_locations).alias()
        seen = using(self.subscriber_locations).alias()
        names = ("subscriber", *self.spatial_unit.location_id_columns)
        same = sa.and_(*(seen.c[name] == reference.c[name] for name in names))
        active = seen.c.subscriber.is_not(None).label("value")
        return sa.select(reference.c.subscriber, active).select_from(reference.outerjoin(seen, same))
