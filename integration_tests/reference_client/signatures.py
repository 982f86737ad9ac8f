"""Write the parameters of everything public in the flowclient that this interpreter has, as JSON."""

import importlib
import inspect
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

MODULES = (
    "flowclient",
    "flowclient.client",
    "flowclient.async_client",
    "flowclient.connection",
    "flowclient.async_connection",
    "flowclient.api_query",
    "flowclient.async_api_query",
    "flowclient.query_specs",
    "flowclient.aggregates",
)


def parameters(function: Callable[..., Any]) -> dict[str, list[str]]:
    """Return the kind and the default of each parameter."""
    found = inspect.signature(function).parameters.values()
    return {value.name: [value.kind.name, repr(value.default)] for value in found}


def functions(module: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the public functions and methods of a module, those it took from another one included."""
    for name, value in vars(importlib.import_module(module)).items():
        if name.startswith("_") or not getattr(value, "__module__", "").startswith("flowclient"):
            continue
        if inspect.isclass(value):
            for member, method in inspect.getmembers(value, inspect.isfunction):
                if not member.startswith("_") or member == "__init__":
                    yield f"{module}.{name}.{member}", method
        elif callable(value):
            yield f"{module}.{name}", value


def main() -> None:
    """Write them all."""
    warnings.simplefilter("ignore")
    found = {name: parameters(value) for module in MODULES for name, value in functions(module)}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
