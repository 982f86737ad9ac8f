"""Every scope a FlowAPI server can grant, derived from the schemas of FlowMachine's queries."""

from collections.abc import Iterator, Mapping
from typing import Any

from flowapi.permissions import NONSPATIAL

SIMPLE_SCOPES = ("get_available_dates", "get_qa_checks", "get_result", "run")
TOP_SCHEMA = "FlowmachineQuerySchema"

# Members of a schema that hold values or names, not further schemas.
_NOT_SCHEMAS = frozenset({"const", "default", "discriminator", "enum", "example", "examples"})

Schemas = Mapping[str, Any]


class SchemaError(ValueError):
    """FlowMachine's schemas do not describe its queries."""


def _resolve(schemas: Schemas, node: Any) -> Any:
    """Follow a reference, or a chain of them, to what it stands for."""
    followed: set[str] = set()
    while isinstance(node, Mapping) and isinstance(reference := node.get("$ref"), str):
        name = reference.rpartition("/")[2]
        if reference in followed or name not in schemas:
            raise SchemaError(f"The reference {reference!r} leads nowhere.")
        followed.add(reference)
        node = schemas[name]
    return node


def _values(schemas: Schemas, node: Any) -> list[str]:
    """Return the values a property allows: its enumeration or constant, through references and ``allOf``."""
    node = _resolve(schemas, node)
    if not isinstance(node, Mapping):
        return []
    if "const" in node:
        return [node["const"]]
    if "enum" in node:
        return [value for value in node["enum"] if value is not None]
    alternatives = [*node.get("allOf", ()), *node.get("anyOf", ()), *node.get("oneOf", ())]
    return [value for alternative in alternatives for value in _values(schemas, alternative)]


def _kinds_below(schemas: Schemas, start: Any) -> Iterator[str]:
    """Yield the kind of every query that can occur anywhere in a schema.

    A walk over the graph of references that visits each component once: the schemas share most of
    their parts, and writing every reference out would take seconds.
    """
    pending, visited = [start], set()
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(node)
        if not isinstance(node, Mapping):
            continue
        if (reference := node.get("$ref")) is not None:
            if reference not in visited:
                visited.add(reference)
                pending.append(_resolve(schemas, node))
            continue
        properties = node.get("properties")
        if isinstance(properties, Mapping) and "query_kind" in properties:
            yield from _values(schemas, properties["query_kind"])[:1]
        pending.extend(value for key, value in node.items() if key not in _NOT_SCHEMAS)


def query_scopes(schemas: Schemas) -> list[str]:
    """Return the scopes of queries, ``<aggregation unit>:<kind>:<kind in it>``, sorted.

    Raises
    ------
    SchemaError
        If the schemas do not hold the union of the queries, or a query without its kind.
    """
    union = _resolve(schemas, schemas.get(TOP_SCHEMA))
    alternatives = union.get("oneOf") if isinstance(union, Mapping) else None
    if not alternatives:
        raise SchemaError(f"The schemas have no union named {TOP_SCHEMA}.")
    scopes: set[str] = set()
    for alternative in alternatives:
        properties = _resolve(schemas, alternative).get("properties", {})
        kinds = _values(schemas, properties.get("query_kind"))
        if not kinds:
            raise SchemaError(f"{alternative} has no query_kind.")
        units = _values(schemas, properties.get("aggregation_unit")) or [NONSPATIAL]
        below = set(_kinds_below(schemas, alternative))
        scopes.update(f"{unit}:{kinds[0]}:{kind}" for unit in units for kind in below)
    return sorted(scopes)


def grantable_scopes(schemas: Schemas) -> list[str]:
    """Return every scope that can be granted for a server with these schemas, sorted."""
    return sorted({*query_scopes(schemas), *SIMPLE_SCOPES})
