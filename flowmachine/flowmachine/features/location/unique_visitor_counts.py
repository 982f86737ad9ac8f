"""How many subscribers visited each place without it being their reference location."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.location.active_at_reference_location_counts import ActiveAtReferenceLocationCounts
from flowmachine.features.location.unique_subscriber_counts import UniqueSubscriberCounts
from flowmachine.features.utilities.units import require_one_unit


@attrs.frozen(eq=False, slots=False, repr=False)
class UniqueVisitorCounts(Aggregate):
    """Number of different subscribers seen in each place, less those whose reference location it is.

    Both should be over the same events; otherwise the difference counts nobody, and may be negative.

    Parameters
    ----------
    active_at_reference_location_counts : ActiveAtReferenceLocationCounts
    unique_subscriber_counts : UniqueSubscriberCounts
        Of the same spatial unit.

    Notes
    -----
    Columns: the unit's location columns, ``value`` (bigint, subscribers); a row for each place of the
    first, null where the second does not have it. The contributors of a row are the least of
    subscribers seen, residents seen, and the difference, because each can be told from the other two.

    Raises
    ------
    InvalidSpatialUnitError
        If the units differ.
    """

    active_at_reference_location_counts: ActiveAtReferenceLocationCounts = attrs.field(
        validator=attrs.validators.instance_of(ActiveAtReferenceLocationCounts)
    )
    unique_subscriber_counts: UniqueSubscriberCounts = attrs.field(
        validator=attrs.validators.instance_of(UniqueSubscriberCounts)
    )

    def __attrs_post_init__(self) -> None:
        require_one_unit(self, self.active_at_reference_location_counts, self.unique_subscriber_counts)

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of both."""
        return self.active_at_reference_location_counts.spatial_unit

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Subtract the residents of each place from all its subscribers."""
        residents = using(self.active_at_reference_location_counts).alias()
        everybody = using(self.unique_subscriber_counts).alias()
        names = self.spatial_unit.location_id_columns
        same = sa.and_(*(residents.c[name] == everybody.c[name] for name in names))
        visitors = everybody.c.value - residents.c.value
        # Everybody is more than either. A null would be passed over.
        least = sa.func.least(residents.c.value, sa.func.coalesce(visitors, 0))
        return sa.select(
            *(residents.c[name] for name in names),
            visitors.label("value"),
            least.label(CONTRIBUTORS),
        ).select_from(residents.outerjoin(everybody, same))
