"""How many subscribers were in one place first and in another place then."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.mixins import GraphMixin
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.locating import BaseLocation

JOIN_TYPES = ("inner", "full outer", "left", "right", "left outer", "right outer")

_location = attrs.validators.instance_of(BaseLocation)


@attrs.frozen(eq=False, slots=False, repr=False)
class Flows(GraphMixin, Aggregate):
    """Number of subscribers for each pair of places: where ``loc1`` has them, and where ``loc2`` has them.

    Staying counts: a place is also paired with itself.

    Parameters
    ----------
    loc1, loc2 : BaseLocation
        Where subscribers come from and where they go, of one spatial unit.
    join_type : {"inner", "full outer", "left", "right", "left outer", "right outer"}
        What becomes of subscribers that only one of the two places: kept with a null place on the
        other side, or not.

    Notes
    -----
    Columns: the unit's location columns with the suffix ``_from``, then with ``_to``, ``value``
    (bigint, subscribers).

    Raises
    ------
    InvalidSpatialUnitError
        If the units differ.
    ValueError
        For an unknown join type.
    """

    loc1: BaseLocation = attrs.field(validator=_location)
    loc2: BaseLocation = attrs.field(validator=_location)
    join_type: str = attrs.field(default="inner", validator=attrs.validators.in_(JOIN_TYPES))

    def __attrs_post_init__(self) -> None:
        if self.loc1.spatial_unit != self.loc2.spatial_unit:
            raise InvalidSpatialUnitError("Flows need two locations of the same spatial unit.")

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of both locations."""
        return self.loc1.spatial_unit

    @property
    def index_columns(self) -> list[tuple[str, ...]]:
        """Index by where flows come from, and by where they go."""
        names = self.spatial_unit.location_id_columns
        return [tuple(f"{name}_{side}" for name in names) for side in ("from", "to")]

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Join the two locations on the subscriber and count the pairs of places."""
        first, then = using(self.loc1).alias("origin"), using(self.loc2).alias("destination")
        names = self.spatial_unit.location_id_columns
        pairs = [
            *(first.c[name].label(f"{name}_from") for name in names),
            *(then.c[name].label(f"{name}_to") for name in names),
        ]
        same = first.c.subscriber == then.c.subscriber
        if self.join_type.startswith("right"):
            joined = then.join(first, same, isouter=True)
        else:
            joined = first.join(
                then, same, isouter=self.join_type != "inner", full=self.join_type == "full outer"
            )
        rows = sa.func.count()
        subscribers = (
            rows
            if self.loc1.one_row_per_subscriber and self.loc2.one_row_per_subscriber
            else sa.func.count(sa.distinct(sa.func.coalesce(first.c.subscriber, then.c.subscriber)))
        )
        return (
            sa.select(*pairs, rows.label("value"), subscribers.label(CONTRIBUTORS))
            .select_from(joined)
            .group_by(*(pair.element for pair in pairs))
        )
