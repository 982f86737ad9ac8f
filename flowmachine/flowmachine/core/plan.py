"""Plans: what to store, in which order, so that a query's result is there in the end.

A plan is made once, from one look at FlowDB. It stores the query itself and, on the way, the inputs
that other queries will reuse; everything else becomes part of the statements that need it.
"""

import graphlib
from collections.abc import Collection

import attrs
from sqlalchemy import Connection

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.declaration import walk
from flowmachine.core.facts import Facts, read_facts
from flowmachine.core.query import Query


@attrs.frozen
class Statement:
    """The text of a select and the stored results that it reads."""

    text: str
    reads: frozenset[str]


@attrs.frozen
class Step:
    """One result table to make.

    Parameters
    ----------
    query : Query
    inputs : frozenset of str
        Ids of the steps that must be done first.
    readable : frozenset of str
        Ids of the results that are stored, or will be when the inputs are done.
    """

    query: Query
    inputs: frozenset[str]
    readable: frozenset[str]
    facts: Facts

    def statement(self) -> Statement:
        """Write the step's select."""
        return compile_query(self.query, self.facts, self.readable)


@attrs.frozen
class Plan:
    """The steps that make a query's result, inputs before users; none if it is stored."""

    query: Query
    steps: tuple[Step, ...]


def compile_query(query: Query, facts: Facts, readable: Collection[str]) -> Statement:
    """Write the select of a query as text, reading from the results that are stored."""
    using = Compilation(facts, readable)
    text = sql.render(query.select(using))
    return Statement(text, frozenset(using.reads))


def survey(connection: Connection, query: Query) -> tuple[Facts, list[Query]]:
    """Read what is known of FlowDB, and list the queries that have to be computed, users before inputs.

    Raises
    ------
    MissingDateError, ValueError
        If FlowDB cannot answer one of them.
    """
    nodes = list(walk(query))
    candidates = [stored_id for node in nodes for stored_id in node.stored_candidates]
    facts = read_facts(connection, candidates, {table for node in nodes for table in node.tables})
    return facts, unstored(query, facts)


def unstored(query: Query, facts: Facts) -> list[Query]:
    """List a query and those of its inputs that have to be computed, not looking below stored ones."""
    if query.query_id in facts.stored:
        return []
    graph: dict[Query, list[Query]] = {}
    waiting = [query]
    while waiting:
        node = waiting.pop()
        if node not in graph:
            node.check(facts)
            graph[node] = [other for other in node.dependencies if other.query_id not in facts.stored]
            waiting.extend(graph[node])
    return list(graphlib.TopologicalSorter(graph).static_order())[::-1]


def make_plan(query: Query, facts: Facts, *, store_dependencies: bool = True) -> Plan:
    """Decide what to store for a query.

    Stored are the query itself, inputs that are worth storing for others, inputs that two of the
    steps would otherwise each compute, and the parts of queries that have several.

    Raises
    ------
    MissingDateError, ValueError
        If FlowDB cannot answer a query of the tree.
    """
    nodes = unstored(query, facts)
    users: dict[str, set[str]] = {node.query_id: set() for node in nodes}
    """By node, the steps whose statements hold it."""
    stored = {query.query_id} if nodes else set()
    parts: set[str] = set()
    inputs: dict[str, set[str]] = {}
    for node in nodes:
        worth_it = node.worth_storing or len(users[node.query_id]) > 1 or node.query_id in parts
        if store_dependencies and node.storable and worth_it:
            stored.add(node.query_id)
        if len(node.parts) > 1:
            parts |= {part.query_id for part in node.parts if part.worth_a_step(facts)}
        if node.query_id in stored:
            inputs[node.query_id] = set()
            for user in users[node.query_id]:
                inputs[user].add(node.query_id)
            holders = {node.query_id}
        else:
            holders = users[node.query_id]
        for other in node.dependencies:
            if other.query_id in users:
                users[other.query_id] |= holders
    readable = frozenset(stored | facts.stored.keys())
    steps = [
        Step(node, frozenset(inputs[node.query_id]), readable, facts)
        for node in reversed(nodes)
        if node.query_id in stored
    ]
    return Plan(query, tuple(steps))
