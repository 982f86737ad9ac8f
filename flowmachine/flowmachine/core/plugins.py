"""Packages that add queries: found by their entry points, loaded once."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

GROUP = "flowmachine.queries"
"""The group of entry points; each names a query class, a kind, or a module that has such."""


class PluginError(Exception):
    """An installed plug-in cannot be used."""


def described(entry: EntryPoint) -> str:
    """Name a plug-in, for messages."""
    package = f" of {entry.dist.name} {entry.dist.version}" if entry.dist else ""
    return f"The plug-in {entry.name!r}{package} ({entry.value})"


@cache
def load() -> tuple[tuple[str, Any], ...]:
    """Load every plug-in; returns what each is called in messages, and what it names, in order of names.

    Raises
    ------
    PluginError
        If one cannot be imported. A server that left out a query would answer differently from others.
    """
    loaded = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        try:
            loaded.append((described(entry), entry.load()))
        except Exception as error:
            raise PluginError(f"{described(entry)} cannot be loaded: {error}") from error
    return tuple(loaded)
