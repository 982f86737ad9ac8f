"""Whether each subscriber was at one place only."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.subscriber.unique_locations import UniqueLocations


@attrs.frozen(eq=False, slots=False, repr=False)
class Unmoving(SubscriberFeature):
    """Whether there is exactly one place where a subscriber was.

    Parameters
    ----------
    locations : UniqueLocations

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (boolean).
    """

    locations: UniqueLocations = attrs.field(validator=attrs.validators.instance_of(UniqueLocations))

    def select(self, using: Compilation) -> Select[Any]:
        """Count the places of each subscriber."""
        places = using(self.locations)
        alone = (sa.func.count() == 1).label("value")
        return sa.select(places.c.subscriber, alone).group_by(places.c.subscriber)
