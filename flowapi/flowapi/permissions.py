"""Which scopes a query needs, and whether a caller holds them.

Everything here is a pure function of a query spec, its aggregation unit and the caller's roles. The
default is to deny: whatever is not understood needs a scope that nobody can hold.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flowkit_jwt_generator.scopes import granting_roles, missing_scopes

NONSPATIAL = "nonspatial"


class Action(Enum):
    """What a caller wants to do with a query; the value is the scope it needs besides the query's."""

    RUN = "run"
    POLL = None
    GET = "get_result"


@dataclass(frozen=True)
class Decision:
    """Outcome of a check: what was needed, which roles grant it, what the nearest role lacks."""

    required: tuple[str, ...]
    granting_roles: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Whether at least one role holds everything that was needed."""
        return bool(self.granting_roles)


def _objects(spec: Any) -> Iterator[Mapping[str, Any]]:
    """Yield a JSON value's objects at any depth; a loop, so that deep nesting cannot exhaust the stack."""
    pending = [spec]
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping):
            yield value
            pending.extend(value.values())
        elif isinstance(value, list | tuple):
            pending.extend(value)


def nested_deeper(spec: Any, levels: int) -> bool:
    """Return whether a JSON value has objects or lists within each other at more than so many levels."""
    values = [spec]
    for _ in range(levels):
        values = [
            item
            for value in values
            if isinstance(value, Mapping | list | tuple)
            for item in (value.values() if isinstance(value, Mapping) else value)
        ]
    return any(isinstance(value, Mapping | list | tuple) for value in values)


def query_kinds(spec: Any) -> set[str]:
    """Return the kinds of a query and of everything nested in it.

    A ``query_kind`` that is not a string is returned as its Python form, which is no scope's kind.
    """
    found = (value["query_kind"] for value in _objects(spec) if "query_kind" in value)
    return {kind if isinstance(kind, str) else f"not a kind: {kind!r}" for kind in found}


def subset_ids(spec: Any) -> set[str]:
    """Return the ids of the queries whose subscribers a query is restricted to, at any depth."""
    found = (value.get("subscriber_subset") for value in _objects(spec))
    return {query_id for query_id in found if isinstance(query_id, str)}


def query_scopes(spec: Mapping[str, Any], unit: str | None) -> frozenset[str]:
    """Return the scopes a query needs whatever is done with it: ``<unit>:<its kind>:<each kind in it>``.

    Parameters
    ----------
    spec
        The query spec.
    unit
        Its aggregation unit as FlowMachine derives it, None if it has none. Units of nested queries do
        not matter: rows come out by the outermost unit only.
    """
    top = spec["query_kind"]
    return frozenset(f"{unit or NONSPATIAL}:{top}:{kind}" for kind in query_kinds(spec))


def geography_scopes(unit: str) -> frozenset[str]:
    """Return the scopes for the shapes of an aggregation unit."""
    return frozenset({"get_result", f"{unit}:geography:geography"})


def decide(required: Iterable[str], roles: Mapping[str, Sequence[str]]) -> Decision:
    """Check that one role alone holds every required scope; roles are never combined."""
    needed = tuple(sorted(set(required)))
    return Decision(
        required=needed,
        granting_roles=tuple(granting_roles(needed, roles)),
        missing=tuple(missing_scopes(needed, roles)),
    )


def check(
    spec: Mapping[str, Any], unit: str | None, action: Action, roles: Mapping[str, Sequence[str]]
) -> Decision:
    """Decide whether a caller with these roles may do something with a query."""
    return decide(with_action(query_scopes(spec, unit), action), roles)


def with_action(scopes: Iterable[str], action: Action) -> frozenset[str]:
    """Add the scope of an action to those of a query."""
    return frozenset(scopes) | ({action.value} if action.value else set())
