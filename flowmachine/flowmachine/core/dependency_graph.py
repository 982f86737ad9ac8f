"""What a query is made from, as text, as a graph and as a picture; each query is visited once."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Literal, TextIO

from flowmachine.core import catalogue
from flowmachine.core.declaration import walk
from flowmachine.core.query import Query
from flowmachine.core.state import QueryState
from flowmachine.core.table import Table

if TYPE_CHECKING:
    import networkx as nx
    from IPython.display import SVG, Image

ImageFormat = Literal["png", "svg"]


def stored_among(queries: list[Query]) -> set[str]:
    """Return the ids of those queries that are stored, asking FlowDB once."""
    from flowmachine.core.context import get_engine

    tables = {query.query_id for query in queries if isinstance(query, Table)}
    ids = [query.query_id for query in queries if query.query_id not in tables]
    with get_engine().connection.lookups.connect() as connection:
        return tables | catalogue.stored_ids(connection, ids)


def states_of(queries: list[Query]) -> dict[str, QueryState]:
    """Return the state of each query by id, asking FlowDB and Redis once each."""
    from flowmachine.core.context import get_engine

    stored = stored_among(queries)
    ids = [query.query_id for query in queries]
    states = {}
    for query_id, record in zip(ids, get_engine().states.read(ids), strict=True):
        state = record.state
        if state in (QueryState.KNOWN, QueryState.COMPLETED):
            state = QueryState.COMPLETED if query_id in stored else QueryState.KNOWN
        states[query_id] = state
    return states


def print_dependency_tree(
    query: Query, show_stored: bool = False, stream: TextIO | None = None, indent_level: int = 0
) -> None:
    """Write what a query is made from as an indented list, inputs below their users, in order of id.

    An input that was listed above is listed again, but not what is below it: ``…`` stands for that.

    Parameters
    ----------
    query : Query
    show_stored : bool, default False
        Say of each whether it is stored.
    stream : text file, default standard output
    indent_level : int, default 0
        Levels to indent by.
    """
    out = sys.stdout if stream is None else stream
    stored = stored_among(list(walk(query))) if show_stored else set()
    listed: set[str] = set()

    def lines(node: Query, level: int) -> Iterator[str]:
        prefix = "   " * level + ("- " if level else "")
        state = f" (stored: {node.query_id in stored})" if show_stored else ""
        again = node.query_id in listed and bool(node.dependencies)
        yield f"{prefix}{_described(node)}{state}{' …' if again else ''}\n"
        listed.add(node.query_id)
        if not again:
            for other in sorted(node.dependencies, key=lambda other: other.query_id):
                yield from lines(other, level + 1)

    out.writelines(lines(query, indent_level))


def _described(query: Query) -> str:
    return f"<{type(query).__name__}, id={query.query_id!r}>"


def get_dependency_links(query: Query) -> list[tuple[Query | None, Query]]:
    """List the pairs of user and input among what a query is made from; the query itself has no user."""
    pairs = [(node, other) for node in walk(query) for other in node.dependencies]
    return [(None, query), *pairs]


def calculate_dependency_graph(query: Query, analyse: bool = False) -> "nx.DiGraph[str]":
    """Return what a query is made from as a graph.

    Parameters
    ----------
    query : Query
    analyse : bool, default False
        Run every query of the graph, to tell how long it takes.

    Returns
    -------
    networkx.DiGraph
        Nodes ``x<query id>``, edges from user to input. A node's attributes are ``name`` (the class),
        ``stored``, ``cost`` (PostgreSQL's estimate, nothing being stored), ``runtime`` (ms, empty
        unless analysed), ``query_object``, ``label``, ``shape``, and for stored ones ``style`` and
        ``fillcolor``.
    """
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    nodes = list(walk(query))
    stored = stored_among(nodes)
    for node in nodes:
        graph.add_node(f"x{node.query_id}", **_attributes(node, node.query_id in stored, analyse))
    for node in nodes:
        graph.add_edges_from((f"x{node.query_id}", f"x{other.query_id}") for other in node.dependencies)
    return graph


def _attributes(query: Query, stored: bool, analyse: bool) -> dict[str, Any]:
    (explained,) = query.explain("json", analyse=analyse)
    runtime = explained.get("Execution Time", "")
    cost = explained["Plan"]["Total Cost"]
    ran = f", runtime: {runtime}" if analyse else ""
    return {
        "name": type(query).__name__,
        "stored": stored,
        "cost": cost,
        "runtime": runtime,
        "query_object": query,
        "label": f"{type(query).__name__}\ncost: {cost}{ran}",
        "shape": "rect",
        **({"style": "filled", "fillcolor": "#b3de69"} if stored else {}),
    }


def plot_dependency_graph(
    query: Query,
    analyse: bool = False,
    format: ImageFormat = "png",
    width: int | None = None,
    height: int | None = None,
) -> "Image | SVG":
    """Draw what a query is made from, for a notebook.

    Parameters
    ----------
    query, analyse
        As for :func:`calculate_dependency_graph`.
    format : {"png", "svg"}
    width, height : int, optional
        In pixels, for ``png``.

    Raises
    ------
    ValueError
        For another format.
    ImportError
        Unless IPython and pygraphviz are installed.
    """
    if format not in ("png", "svg"):
        raise ValueError(f"Unsupported output format: '{format}'. Supported are png and svg.")
    try:
        from IPython.display import SVG, Image
        from networkx.drawing.nx_agraph import to_agraph
    except ImportError:
        raise ImportError("To draw a dependency graph, install IPython and pygraphviz.") from None
    graph = calculate_dependency_graph(query, analyse)
    for _, attributes in graph.nodes(data=True):
        del attributes["query_object"]
    drawn = to_agraph(graph).draw(format=format, prog="dot")
    return SVG(data=drawn) if format == "svg" else Image(data=drawn, width=width, height=height)


def unstored_dependencies_graph(query: Query) -> "nx.DiGraph[str]":
    """Return those inputs of a query that are neither stored nor on their way, as a graph.

    What is below a stored input, or one on its way, is not among them. The graph is empty if the query
    itself is stored or on its way; the query is never in it.

    Returns
    -------
    networkx.DiGraph
        Nodes ``x<query id>`` with the attribute ``query_object``, edges from user to input.
    """
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    states = states_of(list(walk(query)))
    settled = (QueryState.COMPLETED, QueryState.QUEUED, QueryState.EXECUTING)
    waiting, seen = [query] if states[query.query_id] not in settled else [], set[str]()
    while waiting:
        node = waiting.pop()
        for other in node.dependencies:
            if states[other.query_id] in settled:
                continue
            graph.add_node(f"x{other.query_id}", query_object=other)
            if node is not query:
                graph.add_edge(f"x{node.query_id}", f"x{other.query_id}")
            if other.query_id not in seen:
                seen.add(other.query_id)
                waiting.append(other)
    return graph


def store_queries_in_order(graph: "nx.DiGraph[str]") -> dict[str, "Future[Query]"]:
    """Start storing the queries of a graph, inputs first; returns the future of each by node.

    Queries of kinds that are never stored are left out.
    """
    import networkx as nx

    ordered = [(name, graph.nodes[name]["query_object"]) for name in nx.topological_sort(graph)]
    return {
        name: query.store(store_dependencies=False) for name, query in reversed(ordered) if query.storable
    }


def store_all_unstored_dependencies(query: Query) -> dict[str, "Future[Query]"]:
    """Start storing every input of a query that is not stored; returns the future of each by node."""
    return store_queries_in_order(unstored_dependencies_graph(query))


def dependencies_eligible_for_store(query: Query) -> list[Query]:
    """List the query and its inputs that a plan for storing it would store; none if it is stored."""
    from flowmachine.core.context import get_engine
    from flowmachine.core.plan import make_plan, survey

    with get_engine().connection.lookups.connect() as connection:
        facts, _ = survey(connection, query)
    return [step.query for step in make_plan(query, facts).steps]


def query_progress(query: Query) -> dict[str, int]:
    """Count the results that are still to be stored for a query, and of those what waits and what runs.

    Returns
    -------
    dict
        ``eligible``, ``queued``, ``running``; all 0 if the query is stored.
    """
    left = dependencies_eligible_for_store(query)
    found = list(states_of(left).values()) if left else []
    return {
        "eligible": len(left),
        "queued": found.count(QueryState.QUEUED),
        "running": found.count(QueryState.EXECUTING),
    }
