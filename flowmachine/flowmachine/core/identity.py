"""The identity of a query: its class, its parameters and nothing else.

``query_id`` is the md5 (as a fixed-width name, not for security) of a canonical JSON document that
tags every value with its type and every parameter with its name and keeps the order of sequences,
so that two queries share an id exactly when they mean the same. Nested queries enter by their ids,
which makes an id O(1) per node. A class raises its ``revision`` when its SQL changes meaning;
the version of the package is not part of it, so results outlive an upgrade.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

if TYPE_CHECKING:
    from flowmachine.core.query import Query

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


ADDED_LATER = {"flowmachine added later": True}
"""Metadata of a field that a released class gains: at its default it is not part of the id, so that
results stored before the field was there are found as before."""


def _is_added_default(field: "attrs.Attribute[Any]", value: Any) -> bool:
    return ADDED_LATER.keys() <= field.metadata.keys() and getattr(value, field.name) == field.default


def parameters(value: Any) -> dict[str, Any]:
    """Return the named parameters of a query or of a value that is a parameter, in their order."""
    return {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}


def class_name(cls: type) -> str:
    """Name a class for identities: short for FlowMachine's own, qualified for everybody else's."""
    cls = getattr(cls, "stands_for", None) or cls
    return (
        cls.__name__ if cls.__module__.startswith("flowmachine.") else f"{cls.__module__}.{cls.__qualname__}"
    )


def canonical(value: Any) -> Json:
    """Encode a parameter so that different values never have the same encoding.

    Raises
    ------
    TypeError
        If the value has no stable encoding.
    """
    from flowmachine.core.query import Query

    match value:
        case Query():
            return {"query": value.query_id}
        case Enum():
            return canonical(value.value)
        case None | bool() | int() | str():
            return value
        case float():
            return {"float": repr(value)}
        case dt.datetime() | dt.date():
            return {"date": value.isoformat()}
        case tuple() | list():
            return [canonical(item) for item in value]
        case frozenset() | set():
            return {"set": sorted((canonical(item) for item in value), key=dumps)}
        case Mapping():
            pairs = [[canonical(key), canonical(item)] for key, item in value.items()]
            return {"map": sorted(pairs, key=dumps)}
        case _ if attrs.has(type(value)):
            return {"value": document(value)}
    raise TypeError(f"A query parameter cannot be a {type(value).__name__}: it has no stable identity.")


def document(value: Any) -> dict[str, Json]:
    """Return the canonical document of a query or parameter value."""
    fields = [field.name for field in attrs.fields(type(value)) if not _is_added_default(field, value)]
    return {
        "class": class_name(type(value)),
        "revision": getattr(value, "revision", 1),
        "parameters": [[name, canonical(getattr(value, name))] for name in fields],
    }


def dumps(value: Json) -> str:
    """Write JSON in its one canonical spelling."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=True, allow_nan=False)


def query_id(query: "Query") -> str:
    """Return the id of a query: 32 lower-case hexadecimal digits."""
    return hashlib.md5(dumps(document(query)).encode(), usedforsecurity=False).hexdigest()
