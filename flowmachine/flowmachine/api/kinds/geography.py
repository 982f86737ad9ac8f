"""The kind ``geography``."""

from typing import Literal

from flowmachine.api.base import ExposedSpec
from flowmachine.api.fields import SpatialFields
from flowmachine.core.query import Query
from flowmachine.features.spatial import geography


class Geography(SpatialFields, ExposedSpec):
    """The places of an aggregation unit, with their geometries."""

    query_kind: Literal["geography"]

    def build(self) -> Query:
        """Return the places."""
        return geography.Geography(self.unit)
