"""How long subscribers stay where they are."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.core.statistic_types import Statistic
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.location_sequences import (
    Periods,
    follow_each_other,
    in_given_order,
    select_periods,
)


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class SubscriberStayLengths(SubscriberFeature):
    """Statistic of the lengths of each subscriber's stays, a stay being periods in a row at one place.

    A period for which a subscriber has no row, or a null place, ends a stay.

    Parameters
    ----------
    locations : list of BaseLocation
        One for each period, in order of time, each with one row per subscriber, all of one spatial unit.
    statistic : Statistic or str, default "max"

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (the statistic of lengths in periods; bigint for ``max``).
    Subscribers who are nowhere in all periods have no row.

    Raises
    ------
    InvalidSpatialUnitError
        If the units differ.
    ValueError
        Without locations, for locations with several rows per subscriber, or an unknown statistic.
    """

    locations: Periods = attrs.field(converter=in_given_order, validator=follow_each_other)
    statistic: Statistic = fields.statistic_field(Statistic.MAX)

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of all locations."""
        return self.locations[0].spatial_unit

    def select(self, using: Compilation) -> Select[Any]:
        """Group periods in a row: those whose number rises as the number of visits to the place does."""
        names = self.spatial_unit.location_id_columns
        periods = select_periods(self.locations, using).subquery("periods")
        keys = [periods.c.subscriber, *(periods.c[name] for name in names)]
        visit = sa.func.row_number().over(partition_by=keys, order_by=periods.c.period)
        located = (
            sa.select(*keys, (periods.c.period - visit).label("stay"))
            .where(sa.or_(*(periods.c[name].is_not(None) for name in names)))
            .subquery("located")
        )
        stays = (
            sa.select(located.c.subscriber, sa.func.count().label("length"))
            .group_by(*located.c)
            .subquery("stays")
        )
        value = self.statistic.of(stays.c.length).label("value")
        return sa.select(stays.c.subscriber, value).group_by(stays.c.subscriber)
