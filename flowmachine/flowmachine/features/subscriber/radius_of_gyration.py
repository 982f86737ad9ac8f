"""How far each subscriber's events are from the middle of them."""

from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import LonLatSpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.daily_visits import days_of_window, select_visits
from flowmachine.features.utilities.distances import in_unit, length_unit_field
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.visits import NUMBER_OF_EVENTS

POSITIONS = LonLatSpatialUnit()


@attrs.frozen(eq=False, slots=False, repr=False)
class RadiusOfGyration(SubscriberFeature):
    r"""Root of the mean square distance of each subscriber's events from their centre.

    The centre is at the mean longitude and the mean latitude of the events, and distances are along
    the WGS 84 ellipsoid: :math:`\\sqrt{\\frac{1}{n} \\sum_i d_i^2}` over the :math:`n` events. Events
    without a cell, or in a cell without a position, do not count.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    unit : {"km", "m"}, default "km"
    hours, table, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.
    ignore_nulls : bool, default True
        Without effect, since events without a cell have no position.

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (double precision, in the unit; 0 for a subscriber who was
    at one position only). Subscribers without a placed event have no row.

    Means of coordinates are no means of positions near the poles or the meridian of 180 degrees.

    Raises
    ------
    ValueError
        For another unit.
    MissingDateError
        When planned, if no day of the window has been loaded.

    References
    ----------
    .. [1] M. C. González, C. A. Hidalgo, A.-L. Barabási, "Understanding individual human mobility
       patterns", Nature 453, 779-782 (2008).
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    unit: str = length_unit_field()
    hours: Hours = fields.hours_field()
    table: EventTables = fields.table_field()
    subscriber_identifier: str = fields.identifier_field()
    ignore_nulls: bool = fields.ignored_flag_field()
    subscriber_subset: SubscriberSubset = fields.subset_field(kw_only=False)
    reads_events = True
    one_row_per_subscriber = True

    @cached_property
    def parts(self) -> tuple[Query, ...]:
        """The visits of each day."""
        return days_of_window(self, POSITIONS)

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Count events per position, find the centre, and take the weighted mean of squares."""
        visits = select_visits(self, using, POSITIONS, {"events": NUMBER_OF_EVENTS}).subquery("visits")
        subscriber, events = visits.c.subscriber, visits.c.events
        centred = sa.select(
            subscriber,
            sa.cast(events, sa.Double).label("events"),
            sql.point(visits.c.lon, visits.c.lat).label("position"),
            sql.point(_mean(visits.c.lon, events, subscriber), _mean(visits.c.lat, events, subscriber)).label(
                "centre"
            ),
        ).subquery("centred")
        distances = sa.select(
            centred.c.subscriber,
            centred.c.events,
            in_unit(sql.distance(centred.c.position, centred.c.centre), self.unit).label("distance"),
        ).subquery("distances")
        squares = sa.func.sum(distances.c.events * distances.c.distance * distances.c.distance)
        radius: ColumnElement[float] = sa.func.sqrt(
            squares / sa.func.sum(distances.c.events), type_=sa.Double()
        )
        return sa.select(distances.c.subscriber, radius.label("value")).group_by(distances.c.subscriber)


def _mean(
    coordinate: ColumnElement[Any], events: ColumnElement[Any], subscriber: ColumnElement[Any]
) -> ColumnElement[Any]:
    total, number = sa.func.sum(coordinate * events), sa.func.sum(events)
    mean = total.over(partition_by=subscriber) / number.over(partition_by=subscriber)
    # No mean is beyond the values it is of, but its rounding could be: who never moved has a radius of 0.
    smallest, largest = (
        extreme(coordinate).over(partition_by=subscriber) for extreme in (sa.func.min, sa.func.max)
    )
    return sa.func.least(sa.func.greatest(mean, smallest), largest, type_=sa.Double())
