"""Unions of kinds that have one member so far."""

from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class OneKind:
    """Annotation that makes a kind a union of itself alone: it is chosen, and refused, as in any union."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.tagged_union_schema({source.kind(): handler(source)}, discriminator="query_kind")
