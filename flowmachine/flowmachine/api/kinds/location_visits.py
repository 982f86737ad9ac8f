"""The kind ``location_visits``."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from flowmachine.api.base import DerivedUnitMixin, QuerySpec
from flowmachine.api.kinds.visitable_location import VisitableLocation
from flowmachine.api.one_unit import one_unit
from flowmachine.api.sampling import SamplingField
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.subscriber import location_visits
from flowmachine.features.subscriber.day_trajectories import DayTrajectories


class LocationVisits(SamplingField, DerivedUnitMixin, QuerySpec):
    """On how many of the days each subscriber was at each place."""

    query_kind: Literal["location_visits"]
    locations: Annotated[list[VisitableLocation], Field(min_length=1), AfterValidator(one_unit)]

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the locations."""
        unit: GeomSpatialUnit = self.locations[0].unit
        return unit

    def build(self) -> location_visits.LocationVisits:
        """Return the visits."""
        days = DayTrajectories(*(location.build() for location in self.locations))
        return self.sampled(location_visits.LocationVisits(days))
