"""Examples of the families of queries, one module each, with ``QUERIES`` and ``SPECS``."""

import importlib
import pkgutil
from typing import Any


def collect(what: str) -> dict[str, Any]:
    """Return what the modules of this package hold under a name, all together."""
    found: dict[str, Any] = {}
    for module in pkgutil.iter_modules(__path__):
        own = getattr(importlib.import_module(f"{__name__}.{module.name}"), what, {})
        twice = found.keys() & own.keys()
        assert not twice, f"{module.name} repeats {twice}"
        found |= own
    return found
