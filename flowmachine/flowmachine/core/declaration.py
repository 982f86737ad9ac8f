"""A query as data: the document that ``cache.cached`` keeps, from which the query is rebuilt.

The document lists every query of the tree once, by id, with class and parameters; nothing in it is
executed when it is read back.
"""

import importlib
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from flowmachine.core import plugins
from flowmachine.core.hour_slice import HourInterval, HourSlice
from flowmachine.core.identity import Json, class_name, document
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import CellSpatialUnit

_VALUES = {class_name(cls): cls for cls in (CellSpatialUnit, HourInterval, HourSlice)}


def walk(query: Query) -> Iterator[Query]:
    """Yield a query and everything it is made from, each once, users before inputs."""
    seen, waiting = set[str](), [query]
    while waiting:
        node = waiting.pop()
        if node.query_id not in seen:
            seen.add(node.query_id)
            yield node
            waiting.extend(reversed(node.dependencies))


def declare(query: Query) -> Json:
    """Return the document of a query."""
    return {"root": query.query_id, "queries": {node.query_id: document(node) for node in walk(query)}}


def _classes(base: type[Query]) -> Iterator[type[Query]]:
    for cls in base.__subclasses__():
        if not cls.__dict__.get("made_for_kind") and not cls.stands_for:  # made anew by the class rebuilt
            yield cls
        yield from _classes(cls)


def _known_classes(wanted: set[str]) -> dict[str, type[Query]]:
    """Return the query classes by name, with those of plug-ins if one that is wanted is not known yet."""
    known = {class_name(cls): cls for cls in _classes(Query)}
    if not wanted <= known.keys():
        plugins.load()
        known = {class_name(cls): cls for cls in _classes(Query)}
    return known


class _Rebuilder:
    def __init__(self, documents: dict[str, Any]) -> None:
        self._documents = documents
        self._classes = _known_classes({declared["class"] for declared in documents.values()})
        self._built: dict[str, Query] = {}

    def query(self, query_id: str) -> Query:
        if query_id not in self._built:
            self._built[query_id] = self._object(self._documents[query_id], self._classes)
        return self._built[query_id]

    def _object(self, declared: dict[str, Any], classes: dict[str, Any]) -> Any:
        cls = classes[declared["class"]]
        arguments = {field.name: field.alias for field in attrs.fields(cls)}
        parameters = {arguments[name]: self._value(value) for name, value in declared["parameters"]}
        if not hasattr(cls, "__attrs_init__"):
            return cls(**parameters)
        made = cls.__new__(cls)
        made.__attrs_init__(**parameters)
        return made

    def _value(self, value: Any) -> Any:
        match value:
            case list():
                return tuple(map(self._value, value))
            case {"query": query_id}:
                return self.query(query_id)
            case {"float": text}:
                return float(text)
            case {"date": text}:
                return text
            case {"set": items}:
                return frozenset(map(self._value, items))
            case {"map": pairs}:
                return {self._value(key): self._value(item) for key, item in pairs}
            case {"value": declared}:
                return self._object(declared, _VALUES)
        return value


def rebuild(declared: Any) -> Query:
    """Return the query that a document declares.

    Raises
    ------
    ValueError
        If the document is not one, names a class that is not known here, or declares a query whose
        meaning has changed since (its id differs).
    """
    try:
        query = _Rebuilder(declared["queries"]).query(declared["root"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"This is not the declaration of a query known here: {error!r}") from error
    if query.query_id != declared["root"]:
        raise ValueError(
            f"{type(query).__name__} has changed its meaning since {declared['root']} was stored."
        )
    return query


def modules_of(query: Query) -> tuple[str, ...]:
    """Name the modules that define the classes of a query and of everything it is made from."""
    return tuple(sorted({type(node).__module__ for node in walk(query)}))


def rebuild_where_imported(declared: Json, modules: Iterable[str]) -> Query:
    """Return the query that a document declares, in a process that may not know its classes yet."""
    for name in modules:
        importlib.import_module(name)
    return rebuild(declared)
