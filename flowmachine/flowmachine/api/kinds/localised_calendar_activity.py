"""The kind ``localised_calendar_activity``."""

from typing import Literal

from flowmachine.api.base import DerivedUnitMixin, ExposedSpec
from flowmachine.api.fields import EventFields
from flowmachine.api.kinds.unions import ReferenceLocation
from flowmachine.api.periods import PeriodFields
from flowmachine.api.sampling import SamplingField
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.location.labelled_spatial_aggregate import LabelledSpatialAggregate
from flowmachine.features.subscriber import calendar_activity


class LocalisedCalendarActivity(SamplingField, EventFields, PeriodFields, DerivedUnitMixin, ExposedSpec):
    """Numbers of subscribers by where they are and the periods in which they were active."""

    query_kind: Literal["localised_calendar_activity"]
    reference_location: ReferenceLocation

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the locations."""
        return self.reference_location.unit

    def build(self) -> Query:
        """Return the counts; a sample is taken of what is released of them."""
        activity = calendar_activity.CalendarActivity(**self.period_parameters(), **self.event_parameters())
        return LabelledSpatialAggregate(self.reference_location.build(), activity)
