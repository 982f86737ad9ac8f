"""Which scopes a query needs, and whether a caller holds them.

Everything here is a pure function of a query spec, its aggregation unit and the caller's roles. The
default is to deny: whatever is not understood needs a scope that nobody can hold.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flowkit_jwt_generator.scopes import granting_roles, missing_scopes

NONSPATIAL = "nonspatial"

# From coarse to fine. A unit that is not listed is neither coarser nor finer than another.
UNITS_BY_FINENESS = ("admin0", "admin1", "admin2", "admin3", "lon-lat")


class Action(Enum):
    """What a caller wants to do with a query; the value is the scope it needs besides the query's."""

    RUN = "run"
    POLL = None
    GET = "get_result"


@dataclass(frozen=True)
class Needs:
    """What a caller's role has to hold.

    Attributes
    ----------
    scopes
        Scopes to hold exactly.
    nested
        Scopes for parts of a query that are by a finer unit than its result. A scope that differs from
        one of these only by a still finer unit does as well.
    """

    scopes: frozenset[str]
    nested: frozenset[str] = frozenset()

    def __or__(self, other: "Needs") -> "Needs":
        return Needs(self.scopes | other.scopes, self.nested | other.nested)

    def with_action(self, action: Action) -> "Needs":
        """Add the scope of an action."""
        return self | Needs(frozenset({action.value} if action.value else ()))


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


def _kind(value: Any) -> str:
    """Return a kind; one that is not a string in its Python form, which is no scope's kind."""
    return value if isinstance(value, str) else f"not a kind: {value!r}"


def query_kinds(spec: Any) -> set[str]:
    """Return the kinds of a query and of everything nested in it."""
    return {_kind(value["query_kind"]) for value in _objects(spec) if "query_kind" in value}


def subset_ids(spec: Any) -> set[str]:
    """Return the ids of the queries whose subscribers a query is restricted to, at any depth."""
    found = (value.get("subscriber_subset") for value in _objects(spec))
    return {query_id for query_id in found if isinstance(query_id, str)}


def query_needs(spec: Mapping[str, Any], unit: str | None) -> Needs:
    """Return what a query needs whatever is done with it.

    Parameters
    ----------
    spec
        The query spec.
    unit
        Its aggregation unit as FlowMachine derives it, None if it has none.

    Notes
    -----
    For every kind in the query, at any depth, the scope ``<unit>:<kind of the query>:<that kind>``. For every
    part of it by another, not coarser, unit the same scope with the unit of the part: otherwise who may see
    only large regions could have them computed from where exactly people were. A query without a unit tells
    no places at all, and no scope exists that would name a unit for it: its parts need no more than their
    kinds' scopes.
    """
    top, outer = spec["query_kind"], unit or NONSPATIAL
    nested = () if unit is None else _finer_parts(spec, unit)
    return Needs(
        frozenset(f"{outer}:{top}:{kind}" for kind in query_kinds(spec)),
        frozenset(f"{inner}:{top}:{kind}" for inner, kind in nested),
    )


def _finer_parts(spec: Mapping[str, Any], outer: str) -> Iterator[tuple[str, str]]:
    """Yield unit and kind of each part that has a unit of its own which the outer one does not cover."""
    for value in _objects(spec):
        inner = value.get("aggregation_unit")
        if inner is not None and not (isinstance(inner, str) and covers(outer, inner)):
            yield str(inner), _kind(value.get("query_kind"))


def covers(unit: str, other: str) -> bool:
    """Return whether who may see a unit may see the other as well: it is the same one, or coarser.

    Examples
    --------
    >>> covers("admin3", "admin1"), covers("admin1", "lon-lat"), covers("admin3", "somebody's own")
    (True, False, False)
    """
    if unit == other:
        return True
    known = unit in UNITS_BY_FINENESS and other in UNITS_BY_FINENESS
    return known and UNITS_BY_FINENESS.index(unit) > UNITS_BY_FINENESS.index(other)


def geography_needs(unit: str) -> Needs:
    """Return what the shapes of an aggregation unit need."""
    return Needs(frozenset({"get_result", f"{unit}:geography:geography"}))


def decide(needs: Needs, roles: Mapping[str, Sequence[str]]) -> Decision:
    """Check that one role alone holds everything that is needed; roles are never combined."""
    nested = needs.nested - needs.scopes
    required = tuple(sorted(needs.scopes | nested))
    held = {role: [*scopes, *_held_by_finer(nested, scopes)] for role, scopes in roles.items()}
    return Decision(
        required=required,
        granting_roles=tuple(granting_roles(required, held)),
        missing=tuple(missing_scopes(required, held)),
    )


def _held_by_finer(nested: Iterable[str], held: Collection[str]) -> Iterator[str]:
    """Yield those of the scopes that somebody holds for a finer unit."""
    for scope in nested:
        unit, _, kinds = scope.partition(":")
        if any(covers(finer, unit) and f"{finer}:{kinds}" in held for finer in UNITS_BY_FINENESS):
            yield scope


def check(
    spec: Mapping[str, Any], unit: str | None, action: Action, roles: Mapping[str, Sequence[str]]
) -> Decision:
    """Decide whether a caller with these roles may do something with a query."""
    return decide(query_needs(spec, unit).with_action(action), roles)
