"""Kinds that plug-ins add to the exposed ones."""

from collections.abc import Iterable, Sequence
from typing import Any

from flowmachine.api.base import ExposedSpec
from flowmachine.core import plugins
from flowmachine.core.plugins import PluginError


def exposed_kinds(
    builtin: Sequence[type[ExposedSpec]], loaded: Iterable[tuple[str, Any]] | None = None
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
        If a plug-in takes a name that is in use, or publishes its results otherwise than redacted.
    """
    kinds = list(builtin)
    for who, what in plugins.load() if loaded is None else loaded:
        if not (isinstance(what, type) and issubclass(what, ExposedSpec)):
            continue  # a query class, or a module: known from now on, but not exposed
        if what.expose is not ExposedSpec.expose:
            raise PluginError(f"{who} overrides expose(); what is exposed is always redacted.")
        if what.kind() in {kind.kind() for kind in kinds}:
            raise PluginError(f"{who} adds the kind {what.kind()!r}, which there is already.")
        if what.__name__ in {kind.__name__ for kind in kinds}:
            raise PluginError(
                f"{who} adds a schema {what.__name__}, which there is already; rename the class."
            )
        kinds.append(what)
    return tuple(kinds)
