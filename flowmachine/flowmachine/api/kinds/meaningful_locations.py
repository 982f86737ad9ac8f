"""The kinds ``meaningful_locations_*``: where subscribers have their homes, places of work, and the like."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, Field, WithJsonSchema, model_validator

from flowmachine.api.base import ExposedSpec
from flowmachine.api.fields import DateTime, EventFields, EventTypes, QueryId, SpatialFields, WindowFields
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import VersionedSiteSpatialUnit
from flowmachine.features.location.meaningful_locations_aggregate import (
    MeaningfulLocationsAggregate as AggregateQuery,
)
from flowmachine.features.location.meaningful_locations_od import MeaningfulLocationsOD
from flowmachine.features.subscriber.call_days import CallDays
from flowmachine.features.subscriber.hartigan_cluster import HartiganCluster
from flowmachine.features.subscriber.label_event_score import require_label
from flowmachine.features.subscriber.meaningful_locations import MeaningfulLocations
from flowmachine.features.subscriber.scores import EventScore
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations

Score = Annotated[float, Field(ge=-1, le=1)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
HourScores = Annotated[list[Score], Field(min_length=24, max_length=24)]
WeekdayScores = Annotated[
    dict[Weekday, Score],
    # OpenAPI cannot tell which keys there may be.
    WithJsonSchema(
        {"type": "object", "additionalProperties": {"type": "number", "minimum": -1.0, "maximum": 1.0}}
    ),
]


class _Clustering(BaseModel):
    """How sites become clusters, and clusters get labels."""

    chosen: ClassVar[tuple[str, ...]] = ("label",)
    """The fields that choose labels."""

    labels: dict[str, dict[str, Any]]
    tower_hour_of_day_scores: HourScores
    tower_day_of_week_scores: WeekdayScores
    tower_cluster_radius: float = 1.0
    tower_cluster_call_threshold: int = 0
    event_types: EventTypes | None = None
    subscriber_subset: QueryId | None = None

    @model_validator(mode="after")
    def _labels_exist(self) -> Self:
        for field in self.chosen:
            require_label(self.labels, getattr(self, field))
        return self

    def locations(self, start: str, stop: str, label: str) -> MeaningfulLocations:
        """Return the clusters with a label, made from the events of a window."""
        events = EventFields(event_types=self.event_types, subscriber_subset=self.subscriber_subset)
        window = {"spatial_unit": VersionedSiteSpatialUnit(), **events.event_parameters()}
        return MeaningfulLocations(
            clusters=HartiganCluster(
                calldays=CallDays(SubscriberLocations(start, stop, **window)),
                radius=self.tower_cluster_radius,
                call_threshold=self.tower_cluster_call_threshold,
            ),
            scores=EventScore(
                start=start,
                stop=stop,
                score_hour=self.tower_hour_of_day_scores,
                score_dow=self.tower_day_of_week_scores,
                **window,
            ),
            labels=self.labels,
            label=label,
        )


class MeaningfulLocationsAggregate(_Clustering, SpatialFields, WindowFields, ExposedSpec):
    """Numbers of subscribers by where their clusters with a label are."""

    query_kind: Literal["meaningful_locations_aggregate"]
    label: str

    def build(self) -> Query:
        """Return the aggregate."""
        locations = self.locations(self.start_date, self.end_date, self.label)
        return AggregateQuery(meaningful_locations=locations, spatial_unit=self.unit)


class MeaningfulLocationsBetweenLabelODMatrix(_Clustering, SpatialFields, WindowFields, ExposedSpec):
    """Numbers of subscribers by where their clusters with one label and with another are."""

    chosen = ("label_a", "label_b")

    query_kind: Literal["meaningful_locations_between_label_od_matrix"]
    label_a: str
    label_b: str

    def build(self) -> Query:
        """Return the matrix, from the first label to the second."""
        one, other = (
            self.locations(self.start_date, self.end_date, label) for label in (self.label_a, self.label_b)
        )
        return MeaningfulLocationsOD(
            meaningful_locations_a=one, meaningful_locations_b=other, spatial_unit=self.unit
        )


class MeaningfulLocationsBetweenDatesODMatrix(_Clustering, SpatialFields, ExposedSpec):
    """Numbers of subscribers by where their clusters with a label were at one time and at another."""

    query_kind: Literal["meaningful_locations_between_dates_od_matrix"]
    start_date_a: DateTime
    end_date_a: DateTime
    start_date_b: DateTime
    end_date_b: DateTime
    label: str

    def build(self) -> Query:
        """Return the matrix, from the first window to the second."""
        windows = ((self.start_date_a, self.end_date_a), (self.start_date_b, self.end_date_b))
        one, other = (self.locations(*window, self.label) for window in windows)
        return MeaningfulLocationsOD(
            meaningful_locations_a=one, meaningful_locations_b=other, spatial_unit=self.unit
        )
