"""Queries made from queries: what they are, what they refuse."""

import copy
import math

import numpy as np
import pandas as pd
import pglast
import pytest

from flowmachine.core import CustomQuery, JoinToLocation, location_joined_query, make_spatial_unit
from flowmachine.core.compilation import Compilation
from flowmachine.core.declaration import declare, rebuild
from flowmachine.core.disclosure import CONTRIBUTORS, Redacted, disclose
from flowmachine.core.errors import DisclosureError, InvalidSpatialUnitError
from flowmachine.core.facts import Facts
from flowmachine.core.plan import compile_query
from flowmachine.core.random import random_factory
from flowmachine.core.subsets import NumericSubset, Subset
from flowmachine.core.table import Table
from flowmachine.core.union import Union
from flowmachine.core.union_with_fixed_values import UnionWithFixedValues
from flowmachine.features import Flows, LastLocation, ModalLocation, SpatialAggregate, daily_location
from flowmachine.features.utilities.locating import BaseLocation

DAY, NEXT = daily_location("2016-01-01"), daily_location("2016-01-02")
COUNTS = SpatialAggregate(locations=DAY)
CALLS = Table("events.calls", columns=["msisdn", "location_id", "datetime"])


def test_a_subset_is_of_its_parents_kind() -> None:
    few = DAY.subset("pcod", ["R0", "R1"])
    assert isinstance(few, Subset)
    assert isinstance(few, BaseLocation)
    assert isinstance(few, type(DAY))
    assert few.spatial_unit == DAY.spatial_unit
    assert few.start == DAY.start
    assert few.index_columns == DAY.index_columns
    assert few.aggregate().column_names == ["pcod", "value"]
    assert Flows(few, NEXT).column_names == ["pcod_from", "pcod_to", "value"]
    assert ModalLocation(few, NEXT).subset("pcod", "R0").spatial_unit == DAY.spatial_unit
    assert type(few) is type(DAY.subset("pcod", "R2"))
    assert type(few).__name__ == "Subset"
    with pytest.raises(AttributeError, match="no attribute '_hidden'"):
        few._hidden  # noqa: B018
    with pytest.raises(AttributeError):
        few.colour  # noqa: B018


def test_the_parts_of_a_query_are_no_inputs_of_what_is_selected_from_it() -> None:
    week = LastLocation("2016-01-01", "2016-01-08")
    assert len(week.parts) == 7
    for derived in (week.subset("pcod", "R0"), week.random_sample(size=3, seed=0)):
        assert derived.parts == ()
        assert derived.dependencies == (week,)


def test_what_is_selected_from_a_table_is_no_table() -> None:
    some = CALLS.subset("location_id", "c0")
    assert not isinstance(some, Table)
    assert some.fully_qualified_table_name == f"cache.{some.table_name}"
    assert some.storable


@pytest.mark.parametrize(
    "query",
    [
        DAY.subset("pcod", ["R0", None, "it's"]).numeric_subset("pcod", 1, math.inf),
        COUNTS.numeric_subset("value", -1.5, 10).random_sample("bernoulli", fraction=0.5, seed=0),
        CALLS.random_sample(size=3, seed=1),
        DAY.join(NEXT, "subscriber", right_append="_then").subset("pcod", "R0"),
        UnionWithFixedValues([DAY, NEXT], [1, 2], "day").union(
            UnionWithFixedValues([DAY, NEXT], [2, 1], "day")
        ),
        CustomQuery("select 1 as a", "a"),
        CALLS.join_to_location(make_spatial_unit("admin", level=3), time_col="datetime"),
    ],
)
def test_derived_queries_are_rebuilt_and_copied_with_all_their_kinds(query) -> None:
    again = rebuild(declare(query))
    assert again == query
    assert type(again) is type(query)
    assert again.column_names == query.column_names
    assert copy.deepcopy(query) == query


def test_a_subset_of_an_aggregate_is_redacted_as_the_aggregate_is() -> None:
    few = COUNTS.subset("pcod", ["R0"]).numeric_subset("value", 0, 100)
    released = disclose(few, 15)
    assert isinstance(released, Redacted)
    text = compile_query(released, Facts(), ()).text
    assert f"{CONTRIBUTORS} > 15" in text
    assert CONTRIBUTORS not in few.column_names
    with pytest.raises(DisclosureError):
        disclose(DAY.subset("pcod", "R0"), 15)
    with pytest.raises(DisclosureError):
        disclose(CustomQuery("SELECT msisdn FROM events.calls", "msisdn"), 15)


def test_a_table_is_not_copied_into_the_statement() -> None:
    text = compile_query(CALLS.join(CALLS, "msisdn", left_append="_l", right_append="_r"), Facts(), ()).text
    assert "WITH" not in text
    assert text.count("events.calls AS") == 2


def test_values_of_a_subset_have_no_order_and_one_form() -> None:
    assert DAY.subset("pcod", ["b", "a", "b"]) == DAY.subset("pcod", ("a", "b"))
    assert DAY.subset("pcod", "ab") == DAY.subset("pcod", ["ab"])
    assert DAY.subset("pcod", pd.Series(["a", "b"])) == DAY.subset("pcod", np.array(["b", "a"]))
    assert COUNTS.subset("value", np.int64(1)) == COUNTS.subset("value", 1) != COUNTS.subset("value", "1")
    assert COUNTS.numeric_subset("value", 1, 2) == COUNTS.numeric_subset("value", np.float64(1), 2.0)
    assert COUNTS.numeric_subset("value", 1, 5) != COUNTS.numeric_subset("value", 5, 1)
    assert COUNTS.numeric_subset("value", 2**60, 5) != COUNTS.numeric_subset("value", 2**60 + 1, 5)


def test_asking_for_location_columns_leaves_the_left_query_as_it_is() -> None:
    """Joining to a location once removed columns from the list of the query that was joined."""
    left = CustomQuery(
        "SELECT 'c0' AS location_id, now() AS time, 1 AS version", ["location_id", "time", "version"]
    )
    joined = JoinToLocation(left, spatial_unit=make_spatial_unit("versioned-cell"))
    assert joined.column_names == ["time", "location_id", "version", "lon", "lat"]
    assert left.column_names == ["location_id", "time", "version"]


def test_a_query_with_places_has_the_attributes_of_what_it_was_made_from() -> None:
    left = DAY.join(CALLS.subset("msisdn", "a"), "subscriber", "msisdn")
    admin2 = make_spatial_unit("admin", level=2)
    joined = JoinToLocation(left, spatial_unit=admin2, time_col="datetime")
    assert (joined.how, joined.level, joined.canonical_name) == ("inner", 2, "admin2")
    assert joined.spatial_unit is admin2
    for name in ("nothing", "_left", "__len_hint__"):
        with pytest.raises(AttributeError, match=f"'JoinToLocation' has no attribute '{name}'"):
            getattr(joined, name)
    assert not hasattr(JoinToLocation.__new__(JoinToLocation), "level")
    with pytest.raises(DisclosureError):
        disclose(joined, 15)


def test_cells_need_no_join() -> None:
    assert location_joined_query(CALLS, spatial_unit=make_spatial_unit("cell")) is CALLS
    with pytest.raises(InvalidSpatialUnitError, match="Expected a spatial unit"):
        location_joined_query(CALLS, spatial_unit="admin3")
    with pytest.raises(InvalidSpatialUnitError, match="no geography"):
        JoinToLocation(CALLS, spatial_unit=make_spatial_unit("cell"), time_col="datetime")


def test_a_custom_query_has_one_spelling() -> None:
    one = CustomQuery("select  a, 'It' as b\n from x.y -- why\n where c = ':d' and e ~ '%'", ["a", "b", "a"])
    other = CustomQuery("SELECT a, 'It' AS b FROM x.y WHERE c = ':d' AND e ~ '%'", ("a", "b"))
    assert one == other
    assert one.column_names == ["a", "b"]
    assert one != CustomQuery(one.sql, ["b", "a"])
    assert one != CustomQuery("SELECT a, 'it' AS b FROM x.y WHERE c = ':d' AND e ~ '%'", ("a", "b"))
    assert ":d" in compile_query(one, Facts(), ()).text
    assert CustomQuery(one.sql, one.names) == one


SPELLINGS = [
    "SELECT E'a\\'B', U&'\\0041', B'101', $$It's$$, $t$ A $t$, X'1F' FROM \"My T\".\"x\"\"Y\" Ä",
    "SELECT a<->b, a && b, a->>'X', -1, 1 - -1, 2*-1.5e3, a::INT, x.*, count (*) , arr[1:2] FROM x;",
    "SELECT sum(a) FILTER (WHERE b>1) OVER (PARTITION  BY x Order\tBy y ROWS 1 PRECEDING) FROM t",
    "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n+1 FROM t WHERE n<9) TABLE t",
    "SELECT jsonb_build_object('a',1) ? 'a', a OPERATOR(pg_catalog.+) b, (r).x, 'a'\n  'b' /* c /* d */ */",
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_another_spelling_of_a_custom_query_means_the_same(text: str) -> None:
    written = CustomQuery(text, ["a"]).sql
    assert pglast.parse_sql(written) == pglast.parse_sql(text)
    assert CustomQuery(written, ["a"]).sql == written


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT '", "The SQL cannot be read"),
        ("SELEC a", "must be one SELECT, not SELEC"),
        ("", "must be one SELECT, not nothing"),
        ("SELECT 1; SELECT 2", "must be one SELECT, not SELECT and SELECT"),
        ("SELECT 1) AS a; DROP TABLE events.calls; --", "must be one SELECT, not SELECT and DROP"),
        ("SELECT 1; DROP TABLE events.calls", "must be one SELECT"),
        ("DROP TABLE events.calls", "must be one SELECT, not DROP"),
        ("WITH gone AS (DELETE FROM events.calls RETURNING *) SELECT * FROM gone", "contains DELETE"),
        ("SELECT * INTO mine FROM events.calls", "contains INTO"),
        ("SELECT * FROM events.calls FOR UPDATE", "contains LOCK"),
        ("VALUES (1); VACUUM", "must be one SELECT"),
        ("COPY events.calls TO PROGRAM 'sh'", "must be one SELECT"),
        ("EXPLAIN SELECT 1", "must be one SELECT, not EXPLAIN"),
        ("-- a wish\ncall flowdb_version()", "must be one SELECT, not CALL"),
        ("SELECT 1; EXPLAIN ANALYZE SELECT 2", "not SELECT and EXPLAIN"),
    ],
)
def test_a_custom_query_only_reads(sql: str, message: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match=message):
        CustomQuery(sql, ["a"])
    assert caplog.records == []


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: DAY.subset("region", "R0"), ValueError, "no column region; its columns are"),
        (lambda: COUNTS.numeric_subset("value", "1", 2), TypeError, "real number, not '1'"),
        (lambda: COUNTS.numeric_subset("value", True, 2), TypeError, "real number"),
        (lambda: COUNTS.numeric_subset("value", math.nan, 2), ValueError, "not nan"),
        (lambda: DAY.join(NEXT, "subscriber"), ValueError, "Both sides of the join have pcod"),
        (lambda: DAY.join(NEXT, "subscriber", how="cross"), ValueError, "Unknown kind of join 'cross'"),
        (lambda: DAY.join(NEXT, ["subscriber", "pcod"], ["pcod"]), ValueError, "as many columns"),
        (lambda: DAY.join(NEXT, "name"), ValueError, "no column name"),
        (lambda: DAY.union(COUNTS), ValueError, "must have the same columns"),
        (lambda: Union(), ValueError, "at least one"),
        (lambda: UnionWithFixedValues([DAY], [1, 2], "n"), ValueError, "as many values"),
        (lambda: UnionWithFixedValues([DAY, NEXT], [1, "2"], "n"), ValueError, "one type, not int, str"),
        (lambda: UnionWithFixedValues([DAY], [1], "pcod"), ValueError, "already"),
        (lambda: CustomQuery("SELECT 1", []), ValueError, "names of its columns"),
        (lambda: DAY.random_sample(size=1, fraction=0.1), ValueError, "either a size or a fraction"),
        (lambda: DAY.random_sample(), ValueError, "either a size or a fraction"),
        (lambda: DAY.random_sample(fraction=1.1), ValueError, "between 0 and 1"),
        (lambda: DAY.random_sample(size=-1), ValueError, "whole number of rows"),
        (lambda: DAY.random_sample(size=1, seed=2), ValueError, "from -1 to 1"),
        (lambda: DAY.random_sample(size=1, seed="a"), ValueError, "must be a number"),
        (lambda: DAY.random_sample("lottery", size=1), ValueError, "Unknown sampling method 'lottery'"),
        (lambda: DAY.random_sample("system_rows", size=1, seed=0.5), TypeError, "keyword argument 'seed'"),
        (lambda: CALLS.join_to_location(make_spatial_unit("lon-lat")), ValueError, "no column time"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_refused_with_what_would_be_right(make, error, message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_one_query_is_not_deduplicated_and_that_is_said() -> None:
    with pytest.warns(UserWarning, match=r"^Single queries are not deduped by Union\.$"):
        Union(DAY, all=False)


def test_a_sample_is_storable_with_a_seed_only() -> None:
    assert DAY.random_sample(size=3, seed=0).storable
    assert not DAY.random_sample(size=3).storable
    assert random_factory(type(DAY), "system_rows")(query=DAY, size=3).sampling_method == "system_rows"
    assert DAY.random_sample(size=3, seed=0, estimate_count=True) == DAY.random_sample(size=3, seed=0)
    assert isinstance(NumericSubset(DAY, "pcod", 0, 1).random_sample(size=1), BaseLocation)


def test_a_fraction_of_a_table_is_sampled_by_pages() -> None:
    sampled = CALLS.random_sample("system", fraction=0.1, seed=0.5)
    text = sampled.select(Compilation(Facts()))
    from flowmachine.core import sql

    assert "TABLESAMPLE system(10.0) REPEATABLE (0.5)" in sql.render(text)
