"""How far from each subscriber their contacts live."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.query import Query
from flowmachine.core.statistic_types import Statistic
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.contacts import COUNTERPART
from flowmachine.features.utilities.distances import select_distance_statistic

_query = attrs.validators.instance_of(Query)


@attrs.frozen(eq=False, slots=False, repr=False)
class ContactReferenceLocationStats(SubscriberFeature):
    """Statistic of the distances from each subscriber's reference point to those of their contacts.

    Each contact counts once, however many events there were.

    Parameters
    ----------
    contact_balance : Query
        With the columns ``subscriber`` and ``msisdn_counterpart``, each pair once, such as a
        :class:`~flowmachine.features.subscriber.contact_balance.ContactBalance`.
    contact_locations : Query
        Reference points of subscribers by msisdn, one each: a location query whose spatial unit has
        positions, such as ``lon-lat``, or a query with a geometry.
    statistic : Statistic or str, default sum
    geom_column : str, optional
        The column of the locations with the geometry (WGS 84); ``lon`` and ``lat`` are used unless it
        is given.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (kilometres along the WGS 84 ellipsoid, of the
    statistic's type). Pairs of whom one has no reference point do not count; subscribers without any
    other have no row.

    Raises
    ------
    ValueError
        For an unknown statistic, a query without the columns, contacts of subscribers who are not
        identified by msisdn, or locations with neither a geometry nor a spatial unit.
    InvalidSpatialUnitError
        If the unit's places have no positions.
    """

    contact_balance: Query = attrs.field(validator=_query)
    contact_locations: Query = attrs.field(validator=_query)
    statistic: Statistic = fields.statistic_field(Statistic.SUM)
    geom_column: str | None = None

    def __attrs_post_init__(self) -> None:
        require_columns(self.contact_balance, "subscriber", COUNTERPART)
        require_columns(self.contact_locations, "subscriber")
        for query in (self.contact_balance, self.contact_locations):
            identifier = getattr(query, "subscriber_identifier", "msisdn")
            if identifier != "msisdn":
                raise ValueError(
                    f"Contacts are known by msisdn, those of {type(query).__name__} by {identifier}."
                )
        if self.geom_column is not None:
            require_columns(self.contact_locations, self.geom_column)
            return
        unit = getattr(self.contact_locations, "spatial_unit", None)
        if unit is None:
            raise ValueError("The contact locations have no spatial unit, so a geom_column must be named.")
        unit.verify_criterion("has_lon_lat_columns")

    def select(self, using: Compilation) -> Select[Any]:
        """Join the reference points of both sides to each contact."""
        contacts = using(self.contact_balance).alias("contacts")
        here, there = (using(self.contact_locations).alias(name) for name in ("here", "there"))
        pairs = contacts.join(here, here.c.subscriber == contacts.c.subscriber).join(
            there, there.c.subscriber == contacts.c[COUNTERPART]
        )
        if self.geom_column is None:
            ends = [
                side.c[name].label(f"{name}{suffix}")
                for side, suffix in ((here, ""), (there, "_other"))
                for name in ("lon", "lat")
            ]
            located = [end.element.is_not(None) for end in ends]
            positions = sa.select(contacts.c.subscriber, *ends).select_from(pairs).where(*located)
            return select_distance_statistic(positions, self.statistic)
        points = [here.c[self.geom_column], there.c[self.geom_column]]
        distance = sql.distance(*points) / 1000.0
        return (
            sa.select(contacts.c.subscriber, self.statistic.of(distance).label("value"))
            .select_from(pairs)
            .where(*(point.is_not(None) for point in points))
            .group_by(contacts.c.subscriber)
        )
