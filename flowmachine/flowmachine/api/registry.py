"""Which kinds can be run, and how a spec in JSON becomes one of them."""

from typing import Annotated, Any, TypeAlias, Union

from pydantic import Field, TypeAdapter, ValidationError

from flowmachine.api.base import ExposedSpec
from flowmachine.api.errors import messages
from flowmachine.api.kinds.active_at_reference_location_counts import ActiveAtReferenceLocationCounts
from flowmachine.api.kinds.aggregate_network_objects import AggregateNetworkObjects
from flowmachine.api.kinds.calendar_activity import CalendarActivity
from flowmachine.api.kinds.consecutive_trips_od_matrix import ConsecutiveTripsODMatrix
from flowmachine.api.kinds.dfs_metric_total_amount import DFSTotalMetricAmount
from flowmachine.api.kinds.dummy_query import DummyQuery
from flowmachine.api.kinds.flows import Flows
from flowmachine.api.kinds.geography import Geography
from flowmachine.api.kinds.histogram_aggregate import HistogramAggregate
from flowmachine.api.kinds.inflows import Inflows
from flowmachine.api.kinds.joined_spatial_aggregate import JoinedSpatialAggregate
from flowmachine.api.kinds.labelled_flows import LabelledFlows
from flowmachine.api.kinds.labelled_spatial_aggregate import LabelledSpatialAggregate
from flowmachine.api.kinds.localised_calendar_activity import LocalisedCalendarActivity
from flowmachine.api.kinds.location_event_counts import LocationEventCounts
from flowmachine.api.kinds.location_introversion import LocationIntroversion
from flowmachine.api.kinds.meaningful_locations import (
    MeaningfulLocationsAggregate,
    MeaningfulLocationsBetweenDatesODMatrix,
    MeaningfulLocationsBetweenLabelODMatrix,
)
from flowmachine.api.kinds.outflows import Outflows
from flowmachine.api.kinds.spatial_aggregate import SpatialAggregate
from flowmachine.api.kinds.total_network_objects import TotalNetworkObjects
from flowmachine.api.kinds.trips_od_matrix import TripsODMatrix
from flowmachine.api.kinds.unique_subscriber_counts import UniqueSubscriberCounts
from flowmachine.api.kinds.unique_visitor_counts import UniqueVisitorCounts
from flowmachine.api.kinds.unmoving_at_reference_location_counts import UnmovingAtReferenceLocationCounts
from flowmachine.api.kinds.unmoving_counts import UnmovingCounts
from flowmachine.api.plugins import exposed_kinds

FlowmachineQuery: TypeAlias = Annotated[
    DummyQuery
    | Flows
    | Inflows
    | Outflows
    | MeaningfulLocationsAggregate
    | MeaningfulLocationsBetweenLabelODMatrix
    | MeaningfulLocationsBetweenDatesODMatrix
    | Geography
    | LocationEventCounts
    | UniqueSubscriberCounts
    | LocationIntroversion
    | TotalNetworkObjects
    | AggregateNetworkObjects
    | DFSTotalMetricAmount
    | SpatialAggregate
    | JoinedSpatialAggregate
    | HistogramAggregate
    | ActiveAtReferenceLocationCounts
    | UniqueVisitorCounts
    | ConsecutiveTripsODMatrix
    | UnmovingCounts
    | UnmovingAtReferenceLocationCounts
    | TripsODMatrix
    | LabelledSpatialAggregate
    | LabelledFlows
    | CalendarActivity
    | LocalisedCalendarActivity,
    Field(discriminator="query_kind"),
]
"""FlowMachine's own exposed kinds, in the order in which they are listed."""

EXPOSED: tuple[type[ExposedSpec], ...] = exposed_kinds(FlowmachineQuery.__args__[0].__args__)
"""Every exposed kind, those of plug-ins last."""

_exposed: Any = Annotated[Union[EXPOSED], Field(discriminator="query_kind")]  # noqa: UP007 - of a tuple

_adapter: TypeAdapter[ExposedSpec] = TypeAdapter(_exposed)

for _kind in EXPOSED:  # now, not by the first threads that need them
    _kind.model_rebuild()


class InvalidSpecError(ValueError):
    """A spec is not valid; ``messages`` says what is wrong with each field, nested as the spec is."""

    def __init__(self, messages: dict[str, Any]) -> None:
        self.messages = messages
        super().__init__("Parameter validation failed.")


def available_queries() -> list[str]:
    """List the kinds that can be run."""
    return [spec.kind() for spec in EXPOSED]


def parse(spec: Any) -> ExposedSpec:
    """Return the kind that a spec in JSON describes.

    Raises
    ------
    InvalidSpecError
        If it is not a valid spec.
    """
    try:
        return _adapter.validate_python(spec)
    except ValidationError as error:
        raise InvalidSpecError(messages(error, spec)) from None
