"""How many subscribers were in one place first and in another then, by what is known of them."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.location.flow_like import Direction, Flow, FlowLike, InOutFlow, places
from flowmachine.features.location.flows import is_location, join_type_field, paired, require_one_unit
from flowmachine.features.location.labelling import (
    Labelled,
    label_columns_field,
    require_labels,
)
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.subscribers import one_row_per_subscriber


class LabelledFlowLike(FlowLike):
    """Base of flows whose rows of one pair of places are told apart by labels."""

    def outflow(self) -> "LabelledInOutFlow":
        """Return what leaves each place by label, wherever it goes."""
        return LabelledInOutFlow(self, Direction.OUTFLOW)

    def inflow(self) -> "LabelledInOutFlow":
        """Return what arrives in each place by label, wherever it comes from."""
        return LabelledInOutFlow(self, Direction.INFLOW)


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class LabelledFlows(Labelled, LabelledFlowLike, Flow):
    """Number of subscribers for each pair of places and label.

    Parameters
    ----------
    loc1, loc2, join_type
        As for :class:`~flowmachine.features.location.flows.Flows`.
    labels, label_columns
        As for :class:`~flowmachine.features.location.labelled_spatial_aggregate.LabelledSpatialAggregate`.

    Notes
    -----
    Columns: the unit's location columns with the suffix ``_from``, then with ``_to``, each label
    column with the suffix ``_label``, ``value`` (bigint, subscribers). A pair of places is released
    only if each of its labels has enough subscribers.

    Raises
    ------
    InvalidSpatialUnitError
        If the units differ.
    ValueError
        For an unknown join type, or label columns that cannot be used.
    """

    loc1: BaseLocation = attrs.field(validator=is_location)
    loc2: BaseLocation = attrs.field(validator=is_location)
    labels: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    label_columns: tuple[str, ...] = label_columns_field()
    join_type: str = join_type_field()

    def __attrs_post_init__(self) -> None:
        require_one_unit(self.loc1, self.loc2)
        require_labels(self.labels, self.label_columns)

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of both locations."""
        return self.loc1.spatial_unit

    @property
    def out_spatial_columns(self) -> tuple[str, ...]:
        """The location columns of both sides."""
        return (*places(self, Direction.OUTFLOW), *places(self, Direction.INFLOW))

    @property
    def one_movement_per_subscriber(self) -> bool:
        """Whether both sides place each subscriber once, and each has one label."""
        return one_row_per_subscriber(self.loc1, self.loc2, self.labels)

    def select_movements(self, using: Compilation) -> Select[Any]:
        """Join the two locations on the subscriber, and give each subscriber their labels."""
        joined, columns = paired(self.loc1, self.loc2, self.join_type, using)
        labels = using(self.labels).alias()
        return sa.select(
            *columns, *(labels.c[name].label(f"{name}_label") for name in self.label_columns)
        ).select_from(joined.join(labels, columns[0].element == labels.c.subscriber, isouter=True))


@attrs.frozen(eq=False, slots=False, repr=False)
class LabelledInOutFlow(Labelled, InOutFlow):
    """Sums of a labelled flow by label and where it comes from, or where it goes.

    Parameters
    ----------
    flow : LabelledFlows
    direction : {"from", "to"}
        ``from``: what leaves each place; ``to``: what arrives there.

    Notes
    -----
    Columns: the unit's location columns, each label column with the suffix ``_label``, ``value``
    (bigint, subscribers). A place is released only if each of its labels has enough subscribers.

    Raises
    ------
    ValueError
        For another direction.
    """

    flow: LabelledFlowLike = attrs.field(validator=attrs.validators.instance_of(LabelledFlowLike))
    direction: Direction = attrs.field(converter=Direction)

    @property
    def out_label_columns(self) -> tuple[str, ...]:
        """The columns of the flow with the labels."""
        return tuple(self.flow.out_label_columns)

    @property
    def out_spatial_columns(self) -> tuple[str, ...]:
        """The unit's location columns."""
        return tuple(self.spatial_unit.location_id_columns)
