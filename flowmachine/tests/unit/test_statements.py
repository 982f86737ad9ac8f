"""The SQL of every exposed kind, as files that a reviewer sees change; and that values stay values."""

import string

import pglast
import pytest
import sqlparse
from hypothesis import given
from hypothesis import strategies as st
from pglast import ast
from pglast.visitors import Visitor
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from flowmachine.api.registry import InvalidSpecError, parse
from flowmachine.core.facts import Facts
from flowmachine.core.plan import compile_query
from flowmachine.features import TotalLocationEvents
from tests.specs import SPECS, Spec, daily_location


class SqlFile(SingleFileSnapshotExtension):
    """One ``.sql`` file per snapshot."""

    _write_mode = WriteMode.TEXT
    file_extension = "sql"


@pytest.mark.parametrize("name", sorted(SPECS))
def test_sql_of(name: str, facts: Facts, snapshot: SnapshotAssertion) -> None:
    text = compile_query(parse(SPECS[name]).expose(15), facts, ()).text
    shown = sqlparse.format(text, reindent_aligned=True) + "\n"
    assert shown == snapshot(extension_class=SqlFile)


hostile = st.text(alphabet=string.printable + "é\u2028", min_size=1, max_size=20) | st.sampled_from(
    [
        "'",
        "''",
        "\\'",
        '"',
        "x'); DROP TABLE events.calls; --",
        "%s",
        "%(a)s",
        ":a",
        "$$",
        "\\",
        "E'\\''",
        "/*",
    ]
)


@given(st.lists(hostile, min_size=2, max_size=2, unique=True))
def test_no_value_changes_the_shape_of_a_statement(values: list[str]) -> None:
    def text(subset: list[str]) -> str:
        query = TotalLocationEvents("2016-01-01", "2016-01-02", subscriber_subset=subset)
        return compile_query(query, Facts(), ()).text

    assert pglast.fingerprint(text(values)) == pglast.fingerprint(text(["a", "b"]))
    literals = {node.sval for node in Nodes(ast.String)(text(values))}
    assert literals.issuperset(values)


class Nodes(Visitor):
    """Collects the nodes of a kind from the one statement of a text."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._found: list[ast.Node] = []

    def __call__(self, text: str) -> list[ast.Node]:
        (statement,) = pglast.parse_sql(text)
        super().__call__(statement)
        return self._found

    def visit(self, _: object, node: ast.Node) -> None:
        if isinstance(node, self._kind):
            self._found.append(node)


def mapped(table: str, column: str) -> Spec:
    return {
        "query_kind": "spatial_aggregate",
        "locations": daily_location(
            unit="lon-lat",
            mapping_table=table,
            geom_table="public.places",
            geom_table_join_column=column,
        ),
    }


@given(name=hostile, column=hostile)
def test_tables_named_in_a_spec_are_quoted_or_refused(name: str, column: str) -> None:
    spec = mapped(f"geography.{name}", column)
    try:
        query = parse(spec).expose(15)
    except InvalidSpecError:
        assert "." in name
        return
    text = compile_query(query, Facts(), ()).text
    benign = compile_query(parse(mapped("geography.benign", "benign")).expose(15), Facts(), ()).text

    def tables(statement: str) -> list[tuple[str, str]]:
        return [(n.schemaname, n.relname) for n in Nodes(ast.RangeVar)(statement) if n.schemaname]

    expected = [(schema, name if table == "benign" else table) for schema, table in tables(benign)]
    assert tables(text) == expected
    assert len(Nodes(ast.ColumnRef)(text)) == len(Nodes(ast.ColumnRef)(benign))
