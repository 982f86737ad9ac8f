"""Kinds that plug-ins add: to those that can be run, and to those that may be nested in others."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flowmachine.api.base import ExposedSpec, QuerySpec
from flowmachine.core import plugins
from flowmachine.core.plugins import PluginError

Loaded = Iterable[tuple[str, Any]]
"""What each plug-in is called in messages, and what it names."""

UNIONS: set[str] = set()
"""The names of the unions of kinds that plug-ins can join."""


def _kinds(loaded: Loaded | None) -> Iterator[tuple[str, type[QuerySpec]]]:
    """Yield the kinds among what plug-ins name; query classes and modules are known, but no kinds."""
    for who, what in plugins.load() if loaded is None else loaded:
        if isinstance(what, type) and issubclass(what, QuerySpec):
            yield who, what


def _builtin_kinds(base: type[QuerySpec] = QuerySpec) -> Iterator[type[QuerySpec]]:
    """Yield FlowMachine's own kinds, those that are only nested among them."""
    for kind in base.__subclasses__():
        if "query_kind" in kind.model_fields and kind.__module__.startswith("flowmachine."):
            yield kind
        yield from _builtin_kinds(kind)


def _require_new(who: str, kind: type[QuerySpec], there: Iterable[type[QuerySpec]]) -> None:
    others = list(there)
    if kind.kind() in {other.kind() for other in others}:
        raise PluginError(f"{who} adds the kind {kind.kind()!r}, which there is already.")
    if kind.__name__ in {other.__name__ for other in others}:
        raise PluginError(f"{who} adds a schema {kind.__name__}, which there is already; rename the class.")


def exposed_kinds(
    builtin: Sequence[type[ExposedSpec]], loaded: Loaded | None = None
) -> tuple[type[ExposedSpec], ...]:
    """Return the exposed kinds: FlowMachine's own, then those of plug-ins.

    Parameters
    ----------
    builtin : sequence of kinds
    loaded : iterable of (str, object), optional
        What each plug-in is called and names; those installed by default.

    Raises
    ------
    PluginError
        If a plug-in takes a name that is in use, publishes its results otherwise than redacted, or
        would nest a kind where there is no union.
    """
    kinds, names_in_use = list(builtin), [*builtin, *_builtin_kinds()]
    for who, kind in _kinds(loaded):
        _require_new(who, kind, names_in_use)  # anywhere: scopes go by these names
        names_in_use.append(kind)
        if unknown := sorted(set(kind.nests_in) - UNIONS):
            raise PluginError(
                f"{who} nests in {', '.join(unknown)}; the unions of kinds are {', '.join(sorted(UNIONS))}."
            )
        if not issubclass(kind, ExposedSpec):
            if not kind.nests_in:
                raise PluginError(f"{who} is neither exposed nor nested in another kind; set nests_in.")
            continue
        if kind.expose is not ExposedSpec.expose:
            raise PluginError(f"{who} overrides expose(); what is exposed is always redacted.")
        kinds.append(kind)
    return tuple(kinds)


def nested_kinds(
    union: str, own: Sequence[type[QuerySpec]], loaded: Loaded | None = None
) -> tuple[type[QuerySpec], ...]:
    """Return the kinds of plug-ins that may stand where one of a union's ``own`` kinds may."""
    return tuple(kind for _, kind in _kinds(loaded) if union in kind.nests_in and kind not in own)
