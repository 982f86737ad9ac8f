"""The kind ``dummy_query``: a test aid that reads no data."""

from typing import Annotated, Literal

from pydantic import Field

from flowmachine.api.base import ExposedSpec
from flowmachine.api.fields import SpatialFields
from flowmachine.core import dummy_query
from flowmachine.core.query import Query


class DummyQuery(SpatialFields, ExposedSpec):
    """A query that does nothing, accepted after a delay."""

    query_kind: Literal["dummy_query"]
    # The text becomes part of the query's id, which stands in addresses.
    dummy_param: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    # The server waits without holding a thread, and not as long as FlowAPI waits for its answer.
    dummy_delay: Annotated[int, Field(ge=0, le=10)] = 0

    @property
    def delay(self) -> int:
        """Seconds to wait before the query is accepted."""
        return self.dummy_delay

    def build(self) -> Query:
        """Return the query."""
        return dummy_query.DummyQuery(self.dummy_param)
