"""The kind ``displacement``."""

from typing import Literal

from flowmachine.api.base import QuerySpec
from flowmachine.api.fields import EventFields, Statistic, WindowFields
from flowmachine.api.kinds.unions import ReferenceLocation
from flowmachine.api.sampling import SamplingField
from flowmachine.core import statistic_types
from flowmachine.core.query import Query
from flowmachine.features.subscriber import displacement


class Displacement(SamplingField, EventFields, WindowFields, QuerySpec):
    """How far each subscriber's events are from a location of the subscriber, in kilometres."""

    query_kind: Literal["displacement"]
    statistic: Statistic
    reference_location: ReferenceLocation

    def build(self) -> Query:
        """Return the displacements.

        Raises
        ------
        InvalidSpatialUnitError
            If the reference location is not by positions.
        """
        return self.sampled(
            displacement.Displacement(
                self.start_date,
                self.end_date,
                self.reference_location.build(),
                statistic_types.Statistic(self.statistic),
                **self.event_parameters(),
            )
        )
