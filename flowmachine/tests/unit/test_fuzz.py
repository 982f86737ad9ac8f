"""No string, wherever it stands, changes a statement except as a quoted value or name in it."""

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import pglast
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowmachine.api.openapi import REFERENCE, query_schemas
from flowmachine.api.registry import EXPOSED, InvalidSpecError, parse
from flowmachine.core import CustomQuery, Grid, JoinToLocation, Query, Table, ddl, make_spatial_unit, sql
from flowmachine.core.dummy_query import DummyQuery
from flowmachine.core.facts import Facts
from flowmachine.core.plan import compile_query
from flowmachine.core.statistic_types import Statistic
from flowmachine.core.subscriber_subsetter import make_subscriber_subsetter
from flowmachine.core.subset import StoredSubscribers
from flowmachine.core.union_with_fixed_values import UnionWithFixedValues
from flowmachine.features import TotalLocationEvents
from flowmachine.features.subscriber.contact_reference_locations_stats import ContactReferenceLocationStats
from flowmachine.features.subscriber.per_subscriber_aggregate import PerSubscriberAggregate
from tests.queries import CALLS, COUNTS, DAY, NEXT
from tests.specs import SPECS, Spec, daily_location

BENIGN = "benign"
HOSTILE = [
    "'", "''", "\\'", '"', '""', "\\", "%", "%s", "%(a)s", ":a", "::int", "$$", "$a$", "E'\\''", "/*", "*/",
    "--", ";", "x'); DROP TABLE events.calls; --", 'x"); DROP TABLE events.calls; --', "U&'\\0041'", "a\n",
    "\n", "\r\n",
    "\u2028", "\u00a0", "É", "select", "a b", "a.b", "{0}", "{a!r}", "?", "a::text", "1", "null", " ",
]  # fmt: skip
hostile = st.sampled_from(HOSTILE) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12
)
fuzz = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
IDENTITY = re.compile(r"^(x[0-9a-f]{32}|\w+_[0-9a-f]{8})$")


def shape(node: Any, texts: list[str]) -> Any:
    """Return a parsed statement without its texts, which are put into a list in their order."""
    if isinstance(node, dict):
        return {key: value if key == "@" else shape(value, texts) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [shape(value, texts) for value in node]
    if isinstance(node, str):
        texts.append(node)
        return "text"
    return node


def parsed(text: str) -> tuple[Any, list[str]]:
    (statement,) = pglast.parse_sql(text)
    texts: list[str] = []
    return without_places(shape(statement.stmt(skip_none=True), texts)), texts


PLACES_IN_TEXT = re.compile(r"^(stmt_)?(location|len)$|(^|_)list_(start|end)$")


def without_places(node: Any) -> Any:
    """Drop where in the text a node stands."""
    if isinstance(node, dict):
        return {key: without_places(value) for key, value in node.items() if not PLACES_IN_TEXT.search(key)}
    return [without_places(value) for value in node] if isinstance(node, list) else node


def check_same_but_for(value: str, text: str, benign: str) -> None:
    """Check that a statement differs from a benign one by the value alone, where the benign value stood."""
    (found, texts), (expected, benign_texts) = parsed(text), parsed(benign)
    assert found == expected
    for one, other in zip(texts, benign_texts, strict=True):
        if one != other and not (IDENTITY.match(one) and IDENTITY.match(other)):
            assert one == other.replace(BENIGN, value)


def components() -> dict[str, Any]:
    return query_schemas()


def resolve(schema: dict[str, Any], spec: Any) -> dict[str, Any]:
    """Return the schema of an object, of several the one of its kind."""
    if "allOf" in schema:
        (schema,) = schema["allOf"]
    if "$ref" in schema:
        return resolve(components()[schema["$ref"].removeprefix(REFERENCE)], spec)
    if "discriminator" in schema and isinstance(spec, dict):
        choice = schema["discriminator"]
        return resolve({"$ref": choice["mapping"][spec[choice["propertyName"]]]}, spec)
    return schema


def strings(schema: dict[str, Any], spec: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where in a spec a text may stand, according to its schema."""
    schema = resolve(schema, spec)
    if isinstance(spec, dict):
        for name, inner in schema.get("properties", {}).items():
            if name != "query_kind" and not inner.get("readOnly"):
                yield from strings(inner, spec.get(name), (*path, name))
    elif isinstance(spec, list):
        for position, item in enumerate(spec):
            yield from strings(schema["items"], item, (*path, position))
    elif schema.get("type") == "string":
        yield path


def changed(spec: Spec, path: tuple[Any, ...], value: str) -> Spec:
    spec = copy.deepcopy(spec)
    node: Any = spec
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return spec


TABLES = {"mapping_table": "geography.m", "geom_table": "geography.g", "geom_table_join_column": "c"}
FULL: dict[str, Spec] = {
    **SPECS,
    "dummy": {"query_kind": "dummy_query", "dummy_param": "A", "aggregation_unit": "admin3"},
    "mapped": {"query_kind": "spatial_aggregate", "locations": daily_location(unit="lon-lat", **TABLES)},
    "mapped geography": {"query_kind": "geography", "aggregation_unit": "lon-lat", **TABLES},
    "of some": {"query_kind": "spatial_aggregate", "locations": daily_location(subscriber_subset="0" * 32)},
    "of types": {
        "query_kind": "spatial_aggregate",
        "locations": daily_location(event_types=["calls", "sms"]),
    },
}
PLACES = [
    (name, path)
    for name, spec in FULL.items()
    for path in strings({"$ref": f"{REFERENCE}{type(parse(spec)).__name__}"}, spec)
]


def test_every_exposed_kind_is_fuzzed() -> None:
    assert {spec["query_kind"] for spec in FULL.values()} >= {kind.kind() for kind in EXPOSED}
    reached = {path[-1] for _, path in PLACES}
    assert reached >= {"aggregation_unit", "start_date", "subscriber_subset", *TABLES, "dummy_param", "date"}


def statement(spec: Spec) -> str:
    return compile_query(parse(spec).expose(15), Facts(), ()).text


@fuzz
@given(st.sampled_from(PLACES), hostile)
def test_strings_in_specs(place: tuple[str, tuple[Any, ...]], value: str) -> None:
    name, path = place
    prefix = "geography." if path[-1] in ("mapping_table", "geom_table") else ""
    try:
        text = statement(changed(FULL[name], path, prefix + value))
    except InvalidSpecError:
        return
    check_same_but_for(value, text, statement(changed(FULL[name], path, prefix + BENIGN)))


def unit(**given: Any) -> Query:
    return make_spatial_unit("polygon", **{"geom_table": "g", "region_id_column_name": "a", **given})


def one_word(value: str) -> str:
    """Return a text that can be the name after AS."""
    if re.search(r"\s", value):
        raise ValueError("Names after AS have no white space.")
    return value


def without_dot(value: str) -> str:
    """Return a text that can be the name of a table beside its schema."""
    if "." in value:
        raise ValueError("What is before a dot is the schema.")
    return value


LIBRARY: dict[str, Callable[[str], Query]] = {
    "value of a subset": lambda s: DAY.subset("pcod", s),
    "values of a subset": lambda s: DAY.subset("pcod", [s]),
    "name of a table": lambda s: Table(f"geography.{without_dot(s)}", columns="a"),
    "schema of a table": lambda s: Table("t", s, columns="a"),
    "column of a table": lambda s: Table("geography.t", columns=[s]),
    "subset of a column": lambda s: Table("geography.t", columns=[s]).subset(s, "v").numeric_subset(s, 1, 2),
    "sample of a column": lambda s: Table("geography.t", columns=[s]).random_sample(fraction=0.5, seed=0),
    "column of a custom query": lambda s: CustomQuery("SELECT * FROM t", [s]),
    "end of a joined name": lambda s: DAY.join(NEXT, "subscriber", left_append=s),
    "column of a join": lambda s: Table("a.t", columns=[s]).join(Table("b.t", columns=[s]), s),
    "label": lambda s: UnionWithFixedValues([DAY, NEXT], [s, "b"], "label"),
    "name of labels": lambda s: UnionWithFixedValues([DAY], ["a"], f"label {s}"),
    "mapping table": lambda s: make_spatial_unit("admin", level=3, mapping_table=f"geography.{s}"),
    "region's column": lambda s: make_spatial_unit(
        "admin", level=3, region_id_column_name=[f"x{s}x AS region"]
    ),
    "region's name": lambda s: unit(region_id_column_name=[f"column AS {one_word(s)}"]),
    "polygon's table": lambda s: unit(geom_table=f"geography.{s}"),
    "polygon's geometry": lambda s: unit(geom_column=s),
    "polygon's mapping": lambda s: unit(mapping_table="m", geom_table_join_on=s),
    "grid's country": lambda s: Grid(10, f"geography.{s}"),
    "time": lambda s: JoinToLocation(
        Table("a.t", columns=["location_id", s]), spatial_unit=make_spatial_unit("admin", level=3), time_col=s
    ),
    "column of an aggregate": lambda s: PerSubscriberAggregate(
        subscriber_query=Table("a.t", columns=["subscriber", s]), agg_column=s
    ),
    "geometry of contacts": lambda s: ContactReferenceLocationStats(
        Table("a.t", columns=["subscriber", "msisdn_counterpart"]),
        Table("b.t", columns=["subscriber", s]),
        geom_column=s,
    ),
    "dummy": DummyQuery,
    "id of stored subscribers": StoredSubscribers,
    "subscriber": lambda s: TotalLocationEvents("2016-01-01", "2016-01-02", subscriber_subset=s),
    "subscribers": lambda s: TotalLocationEvents(
        "2016-01-01", "2016-01-02", subscriber_subset=make_subscriber_subsetter([s])
    ),
}


@fuzz
@given(st.sampled_from(sorted(LIBRARY)), hostile)
def test_strings_in_arguments(name: str, value: str) -> None:
    try:
        query = LIBRARY[name](value)
        text = compile_query(query, Facts(), ()).text
    except ValueError:
        return
    check_same_but_for(value, text, compile_query(LIBRARY[name](BENIGN), Facts(), ()).text)


@fuzz
@given(hostile)
def test_strings_in_statements_of_their_own(value: str) -> None:
    def statements(name: str) -> Iterator[str]:
        table = ddl.result_table(COUNTS, name, name)
        table.comment = name
        yield sql.render(ddl.CreateResult(COUNTS, "SELECT 1", table))
        yield sql.render(ddl.Analyze(table))
        yield from map(sql.render, ddl.indexes(COUNTS, table))
        column = name.replace(".", "_").strip() or BENIGN
        yield " ".join(("SELECT", f"{Statistic.MEDIAN:{column}}"))
        clause = make_spatial_unit("admin", level=3).location_subset_clause([{"pcod": name}, name])
        yield " ".join(("SELECT 1 FROM t", clause))

    for text, benign in zip(statements(value), statements(BENIGN), strict=True):
        assert parsed(text)[0] == parsed(benign)[0]


def test_a_character_that_ends_texts_is_refused() -> None:
    """PostgreSQL's protocol ends a statement at a NUL, whatever follows."""
    for query in (DAY.subset("pcod", "a\0b"), CALLS.join(Table("a.b", columns=["a\0", "msisdn"]), "msisdn")):
        with pytest.raises(ValueError, match="must not contain"):
            compile_query(query, Facts(), ())
    with pytest.raises(ValueError, match="must not contain"):
        compile_query(DAY.subset("pcod", "\ud800"), Facts(), ())


@pytest.mark.parametrize("spec", EXPOSED, ids=lambda spec: spec.kind())
def test_no_schema_has_a_text_that_the_fuzz_does_not_reach(spec: Any) -> None:
    texts = {
        name
        for name, field in components()[spec.__name__]["properties"].items()
        if field.get("type") == "string" and name != "query_kind" and not field.get("readOnly")
    }
    reached = {path[-1] for name, path in PLACES if FULL[name]["query_kind"] == spec.kind()}
    assert texts <= reached
