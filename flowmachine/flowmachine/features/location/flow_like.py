"""What queries whose rows are pairs of places have in common, and their sums by place."""

from enum import StrEnum
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate, Redacted
from flowmachine.core.mixins import GraphMixin
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.core.subsets import Derived
from flowmachine.features.utilities.subscribers import number_of_subscribers


class Direction(StrEnum):
    """The side of a flow that places are taken from."""

    OUTFLOW = "from"
    INFLOW = "to"


class FlowLike(GraphMixin):
    """Base of queries whose rows are pairs of places: location columns ``_from`` and ``_to``, ``value``.

    The subscribers behind the rows are known as movements: rows of ``subscriber`` and the columns of
    the flow but ``value``.
    """

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of both places."""
        raise NotImplementedError(f"{type(self).__name__} must implement spatial_unit.")

    @property
    def out_label_columns(self) -> tuple[str, ...]:
        """The columns by which the rows of a pair of places are told apart."""
        return ()

    @property
    def one_movement_per_subscriber(self) -> bool:
        """Whether no subscriber has two movements."""
        return False

    def select_movements(self, using: Compilation) -> Select[Any]:
        """Select the movements: each is one of those counted in a row."""
        raise NotImplementedError(f"{type(self).__name__} must implement select_movements().")

    def value_of(self, movements: FromClause) -> ColumnElement[Any]:
        """Return the value of a group of movements: their number."""
        return sa.func.count()

    @property
    def index_columns(self) -> list[tuple[str, ...]]:
        """Index by where flows come from, and by where they go."""
        return [places(self, Direction.OUTFLOW), places(self, Direction.INFLOW)]

    def outflow(self) -> "InOutFlow":
        """Return what leaves each place, wherever it goes."""
        return self._sum_by_place(Direction.OUTFLOW)

    def inflow(self) -> "InOutFlow":
        """Return what arrives in each place, wherever it comes from."""
        return self._sum_by_place(Direction.INFLOW)

    def _sum_by_place(self, direction: Direction) -> "InOutFlow":
        return InOutFlow(self, direction)


def places(flow: FlowLike, direction: Direction) -> tuple[str, ...]:
    """Name the columns of one side of a flow."""
    return tuple(f"{name}_{direction}" for name in flow.spatial_unit.location_id_columns)


class Flow(FlowLike, Aggregate):
    """Base of aggregates that count movements."""

    @property
    def one_movement_per_row(self) -> bool:
        """Whether no subscriber has two movements in one row."""
        return self.one_movement_per_subscriber

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Count the movements of each pair of places."""
        moves = self.select_movements(using).subquery("movements")
        keys = [moves.c[name] for name in _keys(self)]
        subscribers = number_of_subscribers(moves.c.subscriber, once=self.one_movement_per_row)
        return sa.select(
            *keys, self.value_of(moves).label("value"), subscribers.label(CONTRIBUTORS)
        ).group_by(*keys)


def _keys(flow: FlowLike) -> tuple[str, ...]:
    return (*places(flow, Direction.OUTFLOW), *places(flow, Direction.INFLOW), *flow.out_label_columns)


def movements_of(flow: FlowLike, using: Compilation) -> Select[Any]:
    """Select the movements behind the rows of a flow, or behind those that are left of one."""
    whole = flow.parent if isinstance(flow, Derived) else flow.target if isinstance(flow, Redacted) else None
    if whole is None:
        return flow.select_movements(using)
    moves = movements_of(whole, using).subquery("movements")  # type: ignore[arg-type]
    kept = using(flow).alias()  # type: ignore[arg-type]
    same = (moves.c[name].is_not_distinct_from(kept.c[name]) for name in _keys(flow))
    return sa.select(*moves.c).select_from(moves.join(kept, sa.and_(*same)))


@attrs.frozen(eq=False, slots=False, repr=False)
class InOutFlow(Aggregate):
    """Sums of a flow by where it comes from, or by where it goes.

    Parameters
    ----------
    flow : FlowLike
        Such as :class:`~flowmachine.features.location.flows.Flows`.
    direction : {"from", "to"}
        ``from``: what leaves each place; ``to``: what arrives there.

    Notes
    -----
    Columns: the unit's location columns, ``value`` (bigint, sum of the flow's values). The
    contributors of a row are the different subscribers behind all the flows that it adds up, so that
    a sum of many small flows is released if enough people are behind it.

    Raises
    ------
    ValueError
        For another direction.
    """

    flow: FlowLike = attrs.field(validator=attrs.validators.instance_of(FlowLike))
    direction: Direction = attrs.field(converter=Direction)

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of the flow."""
        return self.flow.spatial_unit

    @property
    def out_label_columns(self) -> tuple[str, ...]:
        """What the rows of a place are told apart by."""
        return ()

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Count the movements, and the subscribers, of each place."""
        moves = movements_of(self.flow, using).subquery("movements")
        names = zip(places(self.flow, self.direction), self.spatial_unit.location_id_columns, strict=True)
        place = [moves.c[side].label(name) for side, name in names]
        labels = [moves.c[name] for name in self.out_label_columns]
        subscribers = number_of_subscribers(moves.c.subscriber, once=self.flow.one_movement_per_subscriber)
        return sa.select(
            *place, *labels, self.flow.value_of(moves).label("value"), subscribers.label(CONTRIBUTORS)
        ).group_by(*(column.element for column in place), *labels)
