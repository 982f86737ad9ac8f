"""A plug-in: mean numbers of events by place, and where people are in the evening."""

from typing import Any, Literal

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.api.base import ExposedSpec, QuerySpec
from flowmachine.api.fields import DateTime, EventFields, SpatialFields, WindowFields
from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.facts import Facts
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features import daily_location
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.daily_visits import OverDays
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.visits import NUMBER_OF_EVENTS


@attrs.frozen(eq=False, slots=False, repr=False)
class MeanEvents(OverDays, Aggregate):
    """Mean number of events of the subscribers seen in each place, in ``[start, stop)``.

    Columns: the unit's location columns, ``value`` (numeric, events per subscriber).
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    spatial_unit: SpatialUnit = fields.unit_field(default=fields.admin3())
    hours: Hours = fields.hours_field()
    table: EventTables = fields.table_field()
    subscriber_subset: SubscriberSubset = fields.subset_field()
    subscriber_identifier: str = fields.identifier_field()
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Divide events by subscribers: a subscriber has one visit in a place."""
        visits = self.visits(using, {"events": NUMBER_OF_EVENTS}).subquery("visits")
        place = [visits.c[name] for name in self.spatial_unit.location_id_columns]
        subscribers = sa.func.count()
        mean = sa.func.sum(visits.c.events) / subscribers
        return sa.select(*place, mean.label("value"), subscribers.label(CONTRIBUTORS)).group_by(*place)


class MeanEventsSpec(EventFields, SpatialFields, WindowFields, ExposedSpec):
    """Mean number of events of each place's subscribers."""

    query_kind: Literal["mean_events"]

    def build(self) -> MeanEvents:
        """Return the query; what is run is what may be published of it."""
        return MeanEvents(self.start_date, self.end_date, self.unit, **self.event_parameters())


class EveningLocation(SpatialFields, QuerySpec):
    """Where each subscriber was last on the evening of a day, from 18 to 24 o'clock."""

    query_kind: Literal["evening_location"]
    date: DateTime
    nests_in = ("ReferenceLocation", "InputToFlows")

    def build(self) -> BaseLocation:
        """Return the location query, for the kind that it is nested in."""
        return daily_location(self.date, spatial_unit=self.unit, hours=(18, 24))
