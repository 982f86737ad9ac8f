"""What the package offers, as text: one line for each function, class and method."""

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import flowclient
from flowclient import (
    aggregates,
    async_client,
    async_downloads,
    async_tables,
    client,
    downloads,
    errors,
    maps,
    query_specs,
    tables,
)

ENTERED = ("__aenter__", "__enter__", "_repr_html_")
MODULES = (
    flowclient,
    client,
    async_client,
    downloads,
    async_downloads,
    tables,
    async_tables,
    query_specs,
    aggregates,
    errors,
    maps,
)


def signature(function: Any) -> str:
    """Write the parameters of a function with their defaults, without types."""
    own = inspect.signature(function)
    plain = [parameter.replace(annotation=parameter.empty) for parameter in own.parameters.values()]
    coroutine = "async " if inspect.iscoroutinefunction(function) else ""
    return f"{coroutine}{inspect.Signature(plain)}"


def names(module: ModuleType) -> list[str]:
    """Return the names that a module offers."""
    own = [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
    return sorted(getattr(module, "__all__", own))


def lines() -> Iterator[str]:
    """Describe every name of every module."""
    for module in MODULES:
        for name in names(module):
            value = getattr(module, name)
            if inspect.isclass(value):
                yield from of_class(f"{module.__name__}.{name}", value)
            elif callable(value):
                yield f"{module.__name__}.{name} {signature(value)}"
            else:
                yield f"{module.__name__}.{name}"


def of_class(path: str, value: type) -> Iterator[str]:
    """Describe a class and its public members, those it has from a base of ours included."""
    bases = ", ".join(base.__name__ for base in value.__bases__)
    yield f"{path}({bases}) {signature(value)}"
    for name in dir(value):
        owner = next(base for base in value.__mro__ if name in vars(base))
        if not owner.__module__.startswith("flowclient") or (name.startswith("_") and name not in ENTERED):
            continue
        member = vars(owner)[name]
        if isinstance(member, property):
            yield f"{path}.{name} property"
        elif inspect.isfunction(member):
            yield f"{path}.{name} {signature(member)}"
