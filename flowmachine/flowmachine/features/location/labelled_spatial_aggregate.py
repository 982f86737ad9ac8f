"""How many subscribers each place has, by what is known of them."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.location.labelling import (
    Labelled,
    label_columns_field,
    require_labels,
)
from flowmachine.features.utilities.subscribers import number_of_subscribers, one_row_per_subscriber


@attrs.frozen(eq=False, slots=False, repr=False)
class LabelledSpatialAggregate(Labelled, Aggregate):
    """Number of located subscribers for each place and label.

    Parameters
    ----------
    locations : Query
        With a column ``subscriber`` and a spatial unit, such as a daily location.
    labels : Query
        With a column ``subscriber``, such as a classification of subscribers. Who has no row has the
        label null; who has several counts under each.
    label_columns : str or iterable of str, default ("value",)
        The columns of ``labels`` that are used.

    Notes
    -----
    Columns: the unit's location columns, each label column with the suffix ``_label``, ``value``
    (bigint, subscribers). A place is released only if each of its labels has enough subscribers.

    Raises
    ------
    ValueError
        For locations without subscribers or spatial unit, or label columns that cannot be used.
    """

    locations: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    labels: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    label_columns: tuple[str, ...] = label_columns_field()

    def __attrs_post_init__(self) -> None:
        if getattr(self.locations, "spatial_unit", None) is None:
            raise ValueError(f"{type(self.locations).__name__} has no spatial unit.")
        require_columns(self.locations, "subscriber")
        require_labels(self.labels, self.label_columns)

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of the locations."""
        unit: SpatialUnit = self.locations.spatial_unit  # type: ignore[attr-defined]
        return unit

    @property
    def out_spatial_columns(self) -> tuple[str, ...]:
        """The unit's location columns."""
        return tuple(self.spatial_unit.location_id_columns)

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Give each located subscriber their labels, and count."""
        located, labels = using(self.locations).alias(), using(self.labels).alias()
        keys = [
            *(located.c[name].label(name) for name in self.out_spatial_columns),
            *(labels.c[name].label(f"{name}_label") for name in self.label_columns),
        ]
        once = one_row_per_subscriber(self.locations, self.labels)
        return (
            sa.select(
                *keys,
                sa.func.count().label("value"),
                number_of_subscribers(located.c.subscriber, once=once).label(CONTRIBUTORS),
            )
            .select_from(located.join(labels, located.c.subscriber == labels.c.subscriber, isouter=True))
            .group_by(*(key.element for key in keys))
        )
