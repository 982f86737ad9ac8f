"""The kind ``modal_location``."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from flowmachine.api.base import DerivedUnitMixin, QuerySpec
from flowmachine.api.kinds.daily_location import DailyLocation
from flowmachine.api.kinds.input_to_modal_location import InputToModalLocation
from flowmachine.api.sampling import SamplingField
from flowmachine.core.spatial_unit import GeomSpatialUnit
from flowmachine.features.subscriber import modal_location
from flowmachine.features.utilities.locating import BaseLocation


class ModalLocation(SamplingField, DerivedUnitMixin, QuerySpec):
    """Where each subscriber was on most of the days."""

    query_kind: Literal["modal_location"]
    locations: Annotated[list[InputToModalLocation], Field(min_length=1)]

    @field_validator("locations")
    @classmethod
    def _one_unit(cls, locations: list[DailyLocation]) -> list[DailyLocation]:
        if len({location.unit for location in locations}) > 1:
            raise ValueError("All inputs to modal_location should have the same aggregation unit")
        return locations

    @property
    def unit(self) -> GeomSpatialUnit:
        """The spatial unit of the inputs."""
        unit: GeomSpatialUnit = self.locations[0].unit
        return unit

    def build(self) -> BaseLocation:
        """Return the location query."""
        return self.sampled(modal_location.ModalLocation(*(location.build() for location in self.locations)))
