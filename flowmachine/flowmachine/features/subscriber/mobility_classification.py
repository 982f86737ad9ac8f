"""Who moves, who stays, and of whom it cannot be told."""

from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.subscriber.subscriber_stay_lengths import SubscriberStayLengths
from flowmachine.features.utilities.location_sequences import (
    Periods,
    follow_each_other,
    in_given_order,
    select_periods,
)


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class MobilityClassification(SubscriberFeature):
    """Class of each subscriber of the last period, by where they were in all of them.

    The first that holds of: ``unlocated``, no place in the last period; ``irregular``, no row in one of
    the periods; ``not_always_locatable``, no place in one of them; ``mobile``, no stay as long as the
    threshold; ``stable``.

    Parameters
    ----------
    locations : list of BaseLocation
        One for each period, in order of time, each with one row per subscriber, all of one spatial unit.
    stay_length_threshold : int, default 3
        Number of periods in a row at one place that make a subscriber stable.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (text). A place all of whose columns are null is none.

    Raises
    ------
    InvalidSpatialUnitError
        If the units differ.
    ValueError
        Without locations, or for locations with several rows per subscriber.
    """

    locations: Periods = attrs.field(converter=in_given_order, validator=follow_each_other)
    stay_length_threshold: int = attrs.field(default=3, converter=int)
    one_row_per_subscriber = True

    @cached_property
    def _stays(self) -> SubscriberStayLengths:
        return SubscriberStayLengths(locations=self.locations)

    @cached_property
    def dependencies(self) -> tuple[Query, ...]:
        """The locations, each once, and the lengths of stays."""
        return (*dict.fromkeys(self.locations), self._stays)

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of all locations."""
        return self.locations[0].spatial_unit

    def select(self, using: Compilation) -> Select[Any]:
        """Count each subscriber's periods with a row and with a place, and look at their longest stay."""
        names = self.spatial_unit.location_id_columns
        periods = select_periods(self.locations, using).subquery("periods")
        has_place = sa.or_(*(periods.c[name].is_not(None) for name in names))
        of_last = periods.c.period == len(self.locations)
        known = (
            sa.select(
                periods.c.subscriber,
                sa.func.count().label("rows"),
                sa.func.count().filter(has_place).label("places"),
                sa.func.bool_or(has_place).filter(of_last).label("located"),
            )
            .group_by(periods.c.subscriber)
            .having(sa.func.bool_or(of_last))
            .subquery("known")
        )
        stays, number = using(self._stays).alias(), len(self.locations)
        value = sa.case(
            (~known.c.located, "unlocated"),
            (known.c.rows < number, "irregular"),
            (known.c.places < number, "not_always_locatable"),
            (stays.c.value < self.stay_length_threshold, "mobile"),
            else_="stable",
        )
        return sa.select(known.c.subscriber, sa.cast(value, sa.Text).label("value")).select_from(
            known.outerjoin(stays, known.c.subscriber == stays.c.subscriber)
        )
