"""How far from a place of their own each subscriber's events are."""

from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.statistic_types import Statistic
from flowmachine.core.subset import SubscriberSubset, restrict
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.daily_visits import days_of_window, select_visits
from flowmachine.features.utilities.distances import between_ends, length_unit_field
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.visits import NUMBER_OF_EVENTS
from flowmachine.features.utilities.weighted import weighted


def _with_positions(value: Any) -> BaseLocation:
    if not isinstance(value, BaseLocation):
        raise ValueError(
            "reference_location must place subscribers, as daily_location does; "
            f"not a {type(value).__name__}."
        )
    value.spatial_unit.verify_criterion("has_lon_lat_columns")
    return value


@attrs.frozen(eq=False, slots=False, repr=False)
class Displacement(SubscriberFeature):
    """Statistic of the distances of each subscriber's events from the subscriber's reference location.

    Distances are along the WGS 84 ellipsoid. Events without a cell, or in a cell without a position,
    do not count; where the reference location has no position, the distance counts as 0.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    reference_location : BaseLocation
        Of a unit with positions: lon-lat, versioned-cell or versioned-site. Events are placed by the
        same unit.
    statistic : Statistic or str, default "avg"
        Over events: one in the same place twice counts twice.
    unit : {"km", "m"}, default "km"
    hours, table, subscriber_identifier
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.
    ignore_nulls : bool, default True
        Without effect, since events without a cell have no position.
    return_subscribers_not_seen : bool, default False
        Give subscribers who have a reference location and no placed event in the window a row too,
        with null.
    subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (double precision, in the unit, for ``variance`` in its
    square; for ``count`` bigint, events). Subscribers without a reference location have no row. Of
    values that are equally often the ``mode`` is the smallest.

    Raises
    ------
    ValueError
        If the reference does not place subscribers, or for another unit or statistic.
    InvalidSpatialUnitError
        If the unit of the reference has no positions.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    reference_location: BaseLocation = attrs.field(converter=_with_positions)  # type: ignore[misc]
    statistic: Statistic = fields.statistic_field(Statistic.AVG)
    unit: str = length_unit_field()
    hours: Hours = fields.hours_field()
    table: EventTables = fields.table_field()
    subscriber_identifier: str = fields.identifier_field()
    ignore_nulls: bool = fields.ignored_flag_field()
    return_subscribers_not_seen: bool = attrs.field(
        default=False, validator=attrs.validators.instance_of(bool)
    )
    subscriber_subset: SubscriberSubset = fields.subset_field(kw_only=False)
    reads_events = True
    one_row_per_subscriber = True

    @cached_property
    def parts(self) -> tuple[Query, ...]:
        """The visits of each day."""
        return days_of_window(self, self.reference_location.spatial_unit)

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Count the events of each position, and weigh its distance by them."""
        reference = using(self.reference_location)
        unit = self.reference_location.spatial_unit
        visits = select_visits(self, using, unit, {"weight": NUMBER_OF_EVENTS}).subquery("visits")
        journeys = (
            sa.select(
                reference.c.subscriber,
                reference.c.lon.label("lon_from"),
                reference.c.lat.label("lat_from"),
                visits.c.lon.label("lon_to"),
                visits.c.lat.label("lat_to"),
                visits.c.weight,
            )
            .select_from(reference.join(visits, reference.c.subscriber == visits.c.subscriber))
            .cte(f"journeys_{self.query_id[:8]}")
        )
        distances = between_ends(journeys, self.unit, "subscriber", "weight").subquery("distances")
        seen = weighted(self.statistic, distances, "subscriber")
        return self._with_those_not_seen(seen, reference, using) if self.return_subscribers_not_seen else seen

    def _with_those_not_seen(
        self, seen: Select[Any], reference: FromClause, using: Compilation
    ) -> Select[Any]:
        asked_for = restrict(self.subscriber_subset, reference.c.subscriber, using)
        people = sa.select(reference.c.subscriber).where(*asked_for).distinct().subquery("people")
        values = seen.subquery("seen")
        joined = people.outerjoin(values, people.c.subscriber == values.c.subscriber)
        return sa.select(people.c.subscriber, values.c.value).select_from(joined)
