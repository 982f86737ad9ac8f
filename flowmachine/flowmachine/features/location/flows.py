"""How many subscribers were in one place first and in another place then."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.errors import InvalidSpatialUnitError
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.location.flow_like import Direction as Direction
from flowmachine.features.location.flow_like import Flow
from flowmachine.features.location.flow_like import FlowLike as FlowLike
from flowmachine.features.location.flow_like import InOutFlow as InOutFlow
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.subscribers import one_row_per_subscriber

JOIN_TYPES = ("inner", "full outer", "left", "right", "left outer", "right outer")

is_location = attrs.validators.instance_of(BaseLocation)


def join_type_field() -> Any:
    """Make a field for what becomes of subscribers that one side alone has."""
    return attrs.field(default="inner", validator=attrs.validators.in_(JOIN_TYPES))


def require_one_unit(loc1: BaseLocation, loc2: BaseLocation) -> None:
    """Raise unless two locations are given by the same places.

    Raises
    ------
    InvalidSpatialUnitError
        If they are not.
    """
    if loc1.spatial_unit != loc2.spatial_unit:
        raise InvalidSpatialUnitError("Flows need two locations of the same spatial unit.")


def paired(
    loc1: BaseLocation, loc2: BaseLocation, join_type: str, using: Compilation
) -> tuple[FromClause, list[sa.Label[Any]]]:
    """Join two locations on the subscriber; return also the columns ``subscriber`` and the two places."""
    first, then = using(loc1).alias(), using(loc2).alias()
    same = first.c.subscriber == then.c.subscriber
    if join_type.startswith("right"):
        joined = then.join(first, same, isouter=True)
    else:
        joined = first.join(then, same, isouter=join_type != "inner", full=join_type == "full outer")
    names = loc1.spatial_unit.location_id_columns
    subscriber: sa.ColumnElement[Any] = first.c.subscriber
    if join_type != "inner":
        subscriber = sa.func.coalesce(first.c.subscriber, then.c.subscriber, type_=first.c.subscriber.type)
    return joined, [
        subscriber.label("subscriber"),
        *(first.c[name].label(f"{name}_from") for name in names),
        *(then.c[name].label(f"{name}_to") for name in names),
    ]


@attrs.frozen(eq=False, slots=False, repr=False)
class Flows(Flow):
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

    loc1: BaseLocation = attrs.field(validator=is_location)
    loc2: BaseLocation = attrs.field(validator=is_location)
    join_type: str = join_type_field()

    def __attrs_post_init__(self) -> None:
        require_one_unit(self.loc1, self.loc2)

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of both locations."""
        return self.loc1.spatial_unit

    @property
    def one_movement_per_subscriber(self) -> bool:
        """Whether both sides place each subscriber once."""
        return one_row_per_subscriber(self.loc1, self.loc2)

    def select_movements(self, using: Compilation) -> Select[Any]:
        """Join the two locations on the subscriber."""
        joined, columns = paired(self.loc1, self.loc2, self.join_type, using)
        return sa.select(*columns).select_from(joined)
