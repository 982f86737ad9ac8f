"""What every query kind is made of."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from flowmachine.api.fields import AGGREGATION_UNITS
from flowmachine.api.sampling import SamplingField
from flowmachine.core.disclosure import disclose
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit


class QuerySpec(BaseModel):
    """Base of the schemas of query kinds.

    A subclass has a field ``query_kind`` with its one literal value, the parameters as fields, and
    :meth:`build`. Unknown fields are refused.
    """

    # Schemas are made when the registry is, which knows the kinds that plug-ins nest in others.
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)

    nests_in: ClassVar[tuple[str, ...]] = ()
    """Names of the unions (such as ``"ReferenceLocation"``) that a plug-in's kind joins."""

    def build(self) -> Query:
        """Return the query that the spec describes; touches no database."""
        raise NotImplementedError(f"{type(self).__name__} must implement build().")

    @property
    def unit(self) -> SpatialUnit | None:
        """The spatial unit of the result, or None if it has none."""
        return None

    @classmethod
    def kind(cls) -> str:
        """Return the value of ``query_kind``."""
        return str(cls.model_fields["query_kind"].annotation.__args__[0])  # type: ignore[union-attr]


class ExposedSpec(QuerySpec):
    """Base of the kinds that can be run by themselves; what they build is always redacted."""

    @property
    def delay(self) -> int:
        """Seconds to wait before the query is accepted; only for trying out clients."""
        return 0

    def expose(self, threshold: int) -> Query:
        """Return the query to run: what may be published of :meth:`build`.

        Raises
        ------
        DisclosureError
            If the kind would publish data about individuals.
        """
        released = disclose(self.build(), threshold)
        return self.sampled(released) if isinstance(self, SamplingField) else released


class DerivedUnitMixin:
    """For kinds whose unit is that of a nested spec: shown in the schema, refused in a spec."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        json_schema_extra=lambda schema: schema["properties"].update(_derived_unit())
    )


def _derived_unit() -> dict[str, Any]:
    return {"aggregation_unit": {"type": "string", "enum": list(AGGREGATION_UNITS), "readOnly": True}}
