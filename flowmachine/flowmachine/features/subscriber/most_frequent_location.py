"""The place where each subscriber was most often."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.visits import LATEST_EVENT, NUMBER_OF_EVENTS, select_visits


@attrs.frozen(eq=False, slots=False, repr=False)
class MostFrequentLocation(BaseLocation):
    """Place with most of each subscriber's events in ``[start, stop)``.

    Events without a location, or in a cell that lies in none of the unit's places, do not count.
    Of places with equally many events, the one with the latest event is taken, then the one first
    in order.

    Parameters
    ----------
    start, stop, spatial_unit, hours, table, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.subscriber.last_location.LastLocation`.

    Notes
    -----
    Columns: ``subscriber`` (text), then the unit's location columns.

    Raises
    ------
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    spatial_unit: SpatialUnit = fields.unit_field(default=fields.admin3())
    hours: Hours = fields.hours_field()
    table: EventTables = fields.table_field()
    subscriber_identifier: str = fields.identifier_field()
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Take the first visit of each subscriber, the one with most events first."""
        measures = {"events": NUMBER_OF_EVENTS, "latest": LATEST_EVENT}
        visits = select_visits(self, using, self.spatial_unit, measures).subquery("visits")
        place = [visits.c[name] for name in self.spatial_unit.location_id_columns]
        return sql.first_per(
            [visits.c.subscriber],
            [sa.desc(visits.c.events), sa.desc(visits.c.latest), *place],
            columns=[visits.c.subscriber, *place],
        )
