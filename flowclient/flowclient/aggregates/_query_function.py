"""Query functions made of specification functions."""

import inspect
from collections.abc import Callable
from typing import Any, Protocol, overload

from flowclient._parameters import Spec, parameter_section
from flowclient.api_query import APIQuery
from flowclient.async_api_query import ASyncAPIQuery
from flowclient.async_connection import ASyncConnection
from flowclient.connection import Connection


class QueryFunction(Protocol):
    """A function that makes a query of one kind; nothing is sent before the query is run."""

    __name__: str

    @overload
    def __call__(self, *, connection: Connection, **parameters: Any) -> APIQuery: ...
    @overload
    def __call__(self, *, connection: ASyncConnection, **parameters: Any) -> ASyncAPIQuery: ...


def query_function(specify: Callable[..., Spec]) -> QueryFunction:
    """Return the function that makes a query from a connection and the parameters of a specification.

    Its signature and docstring are those of the specification function with the connection added, so
    that editors and notebooks show every parameter and its default.
    """
    own = inspect.signature(specify)
    connection = inspect.Parameter(
        "connection", inspect.Parameter.KEYWORD_ONLY, annotation=Connection | ASyncConnection
    )
    signature = own.replace(
        parameters=[connection, *own.parameters.values()], return_annotation=APIQuery | ASyncAPIQuery
    )

    def make_query(*, connection: Any, **parameters: Any) -> Any:
        spec = specify(**parameters)
        return connection.make_api_query(parameters=spec)

    name = specify.__name__.removesuffix("_spec")
    summary: str = specify.summary.replace("Specify", "Query", 1)  # type: ignore[attr-defined]
    descriptions: dict[str, str] = specify.descriptions  # type: ignore[attr-defined]
    make_query.__name__ = make_query.__qualname__ = name
    make_query.__module__ = specify.__module__
    make_query.__doc__ = (
        f"{summary}\n\n{parameter_section(signature, descriptions)}\n\n"
        "Returns\n-------\nAPIQuery or ASyncAPIQuery\n    The query, not yet run.\n"
    )
    make_query.__signature__ = signature  # type: ignore[attr-defined]
    return make_query
