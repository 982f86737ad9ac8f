"""Unions of kinds: which may stand where a spec is nested in another, those of plug-ins among them."""

from typing import Annotated, Any, Union, get_args

import attrs
from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from flowmachine.api.plugins import UNIONS, nested_kinds


@attrs.frozen
class Nested:
    """Marks a union of kinds, which plug-ins join by its name (see ``QuerySpec.nests_in``).

    They join when the schemas are made, which is when the registry is: at import nothing is loaded, so
    that plug-ins can import the union.

    Parameters
    ----------
    union : str
        The name of the union, under which it also stands among the components of the API.
    """

    union: str

    def __attrs_post_init__(self) -> None:
        UNIONS.add(self.union)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the union's own kinds and those of plug-ins, told apart by ``query_kind``."""
        own = get_args(source) or (source,)
        kinds: Any = (*own, *nested_kinds(self.union, own))
        if len(kinds) == 1:  # chosen, and refused, as in any union
            only = {kinds[0].kind(): handler.generate_schema(kinds[0])}
            return core_schema.tagged_union_schema(only, discriminator="query_kind")
        return handler.generate_schema(Annotated[Union[kinds], Field(discriminator="query_kind")])  # noqa: UP007
