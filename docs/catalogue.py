"""A build hook: the page that describes every query, made from the classes themselves."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

from docstring_parser import Docstring, DocstringStyle, parse
from mkdocs.structure.files import File, Files

import flowmachine.features
from flowmachine.core.query import Query

PAGE = "analysts/query-catalogue.md"
FAMILIES = {
    "subscriber": "About subscribers",
    "location": "About places",
    "nonspatial_aggregates": "About groups, without places",
    "network": "About the network",
    "spatial": "Geography",
    "raster": "Rasters",
    "dfs": "Mobile money",
    "utilities": "What queries are made from",
}
_ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")
_LITERAL = re.compile(r"``([^`]+)``")
_EMPTY = (inspect.Parameter.empty, inspect.Signature.empty)


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def _is_documented(what: Any, module: ModuleType) -> bool:
    """Tell whether something is a public query class of a module, or a function that makes a query."""
    if not isinstance(what, type | FunctionType) or what.__module__ != module.__name__:
        return False
    made = what.__annotations__.get("return") if isinstance(what, FunctionType) else what
    return not what.__name__.startswith("_") and isinstance(made, type) and issubclass(made, Query)


def _members(package: ModuleType) -> list[Any]:
    """Return the query classes, and the functions that make queries, of a family."""
    found = [
        what for module in _modules(package) for what in vars(module).values() if _is_documented(what, module)
    ]
    return sorted(found, key=lambda what: what.__name__.lower())


def _text(written: str | None) -> str:
    """Return reStructuredText of our docstrings as Markdown."""
    return _LITERAL.sub(r"`\1`", _ROLE.sub(r"`\1`", written or "")).strip()


def _cell(written: str | None) -> str:
    return " ".join(_text(written).split()).replace("|", "\\|")


def _default(value: Any) -> str:
    """Write a default as users would."""
    value = getattr(value, "canonical_name", value)
    return repr(str(value)) if isinstance(value, str) else repr(value)


def _signature(what: Any) -> str:
    """Write how a query is made, without types: the table of parameters has them."""
    pieces, keywords = [], False
    for name, parameter in inspect.signature(what).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and not keywords:
            keywords = True
            pieces.append("*")
        if parameter.kind is parameter.VAR_POSITIONAL:
            name, keywords = f"*{name}", True
        elif parameter.kind is parameter.VAR_KEYWORD:
            name = f"**{name}"
        pieces.append(name if parameter.default in _EMPTY else f"{name}={_default(parameter.default)}")
    return f"{what.__name__}({', '.join(pieces)})"


def _entry(what: Any) -> str:
    """Describe one class or function."""
    described: Docstring = parse(inspect.getdoc(what) or "", style=DocstringStyle.NUMPYDOC)
    public = getattr(flowmachine.features, what.__name__, None) is what
    home = "flowmachine.features" if public else what.__module__
    lines = [
        f"### {what.__name__}",
        "",
        f"```python\nfrom {home} import {what.__name__}\n\n{_signature(what)}\n```",
    ]
    lines += ["", _text(described.short_description), "", _text(described.long_description)]
    lines += ["", *(_text(meta.description) for meta in described.meta if meta.args == ["notes"])]
    others = [each for each in described.params if " " in each.arg_name.replace(", ", "")]
    own = [each for each in described.params if each not in others]
    if own:
        lines += ["", "| Parameter | Is | Meaning |", "|---|---|---|"]
        lines += [
            f"| `{each.arg_name}` | {_cell(each.type_name)} | {_cell(each.description)} |" for each in own
        ]
    lines += [f"\n{each.arg_name} {_text(f':{each.type_name}')}" for each in others]
    if described.raises:
        lines += ["", "| Error | When |", "|---|---|"]
        lines += [f"| `{each.type_name}` | {_cell(each.description)} |" for each in described.raises]
    return "\n".join(lines)


def page() -> str:
    """Write the page."""
    lines = [
        "# Catalogue of queries",
        "",
        "Every query of FlowMachine, made from its code. How to run them:",
        "[FlowMachine as a library](flowmachine-library.md).",
        "Parameters of queries over events that are not described are those of [BestVisit](#bestvisit).",
    ]
    names = [name for name in FAMILIES if importlib.util.find_spec(f"flowmachine.features.{name}")]
    for name in names:
        package = importlib.import_module(f"flowmachine.features.{name}")
        members = [what for what in _members(package) if hasattr(package, "__path__")]
        lines += ["", f"## {FAMILIES[name]}", "", *(f"\n{_entry(what)}\n" for what in members)]
    return "\n".join(lines)


def on_files(files: Files, *, config: Any) -> Files:
    """Add the page."""
    files.append(File.generated(config, PAGE, content=page()))
    return files
