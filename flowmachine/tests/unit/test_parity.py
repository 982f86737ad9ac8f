"""The comparison with the published release is itself right: it covers all kinds, and sees what differs."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from flowmachine.api.openapi import query_schemas
from tests.parity import tied_meaning
from tests.parity.allowed import Case
from tests.parity.answers import Kept
from tests.parity.asking import asks_for_stored, with_stored
from tests.parity.comparing import differences, is_part
from tests.parity.deliberate import RULES
from tests.parity.report import Report
from tests.parity.servers import Answer
from tests.parity.specs import NO_KIND, SPECS, kinds_in
from tests.parity.specs.bridged import STORED

COUNTS = ["pcod", "value"]
SPEC = {"query_kind": "spatial_aggregate"}


def rows(*found: list[Any], columns: list[str] = COUNTS) -> Answer:
    return Answer("completed", "id", columns, list(found))


def test_every_kind_that_the_server_knows_is_compared() -> None:
    found = (schema.get("properties", {}).get("query_kind", {}) for schema in query_schemas().values())
    known = {kind for each in found for kind in each.get("enum", ())}
    assert known <= kinds_in(list(SPECS.values()))
    assert len(kinds_in(list(SPECS.values())) - {NO_KIND}) == 47


def test_specs_are_different() -> None:
    assert len({repr(spec) for spec in SPECS.values()}) == len(SPECS)


def test_rows_are_compared_whatever_their_order_and_the_last_digits() -> None:
    one = rows(["a", 1], ["b", 0.1 + 0.2], [None, None])
    assert differences(one, rows([None, None], ["b", 0.3], ["a", 1.0])) == []
    assert differences(one, one) == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (rows(["a", 1]), "only published: ('b',) [[2]]"),
        (rows(["a", 1], ["b", 2], ["c", 3]), "only ours: ('c',) [[3]]"),
        (rows(["a", 1], ["b", 3]), "('b',): [[2]] and [[3]]"),
        (rows(["a", 1], ["b", None]), "('b',): [[2]] and [[None]]"),
        (rows(["a", 1], ["b", 2], ["b", 2]), "('b',): [[2]] and [[2], [2]]"),
        (rows(["a", 1], ["b", 2], columns=["admin", "value"]), "columns"),
        (Answer("errored", "id"), "published: completed; ours: errored"),
    ],
)
def test_what_differs_is_said(other: Answer, said: str) -> None:
    (found,) = differences(rows(["a", 1], ["b", 2]), other)
    assert said in found


def test_the_order_of_choices_has_no_meaning_and_their_words_have() -> None:
    one = Answer("refused", messages={"a": {"interval": ["Must be one of: hour, min, day."]}})
    assert (
        differences(one, Answer("refused", messages={"a": {"interval": ["Must be one of: day, hour, min."]}}))
        == []
    )
    assert differences(one, Answer("refused", messages={"a": {"interval": ["Must be one of: day, hour."]}}))
    assert differences(
        one, Answer("refused", messages={"b": {"interval": ["Must be one of: day, hour, min."]}})
    )


def test_a_part_has_the_same_values() -> None:
    whole = rows(["a", 1], ["b", 2])
    assert is_part(rows(["a", 1]), whole)
    assert not is_part(rows(["a", 2]), whole)
    assert not is_part(rows(["c", 1]), whole)


def test_a_rule_does_not_excuse_what_it_does_not_allow() -> None:
    days = {"start_date": "2016-01-01", "end_date": "2016-01-02"}
    events = {"query_kind": "location_event_counts", "direction": "out", **days}
    columns = ["pcod", "date", "value"]
    published = rows(["a", "2016-01-01", 40], ["b", "2016-01-01", 30], columns=columns)
    report = Report()
    known = {"location_event_counts", "spatial_aggregate"}
    report.judge("fewer", events, published, rows(["a", "2016-01-01", 40], columns=columns), known)
    report.judge("other", events, published, rows(["a", "2016-01-01", 41], columns=columns), known)
    report.judge("no rule", SPEC, rows(["a", 40]), rows(["a", 41]), known)
    report.judge("unknown", {"query_kind": "flows"}, rows(["a", 40]), Answer("refused"), known)
    report.judge("same", SPEC, rows(["a", 40]), rows(["a", 40]), known)
    assert report.explained == {"fewer": "events are redacted over the subscribers who made them"}
    assert list(report.unexplained) == ["other", "no rule"]
    assert report.unknown == {"unknown": ["flows"]}
    assert report.equal == ["same"]
    assert report.lines[-1].startswith("1 equal, 1 different as documented, 2 unexplained, 1 of kinds")


def test_rules_about_days_and_bins_check_the_numbers() -> None:
    by_name = {rule.name: rule for rule in RULES}
    days = by_name["days are calendar days, up to the end of the window"]
    spec = {
        "query_kind": "location_event_counts",
        "start_date": "2016-01-02 06:00:00",
        "end_date": "2016-01-04T18",
    }
    columns = ["pcod", "date", "value"]
    parts = rows(["a", "2016-01-03", 40], ["a", "2016-01-03", 2], columns=columns)
    allowed = rows(["a", "2016-01-03", 42], ["a", "2016-01-04", 7], columns=columns)
    wrong = rows(["a", "2016-01-03", 41], columns=columns)
    assert days.applies(Case(spec, parts, allowed)) and days.holds(Case(spec, parts, allowed))
    assert not days.holds(Case(spec, parts, wrong))
    bins = by_name["the largest value is in the last bin"]
    edges = ["value", "lower_edge", "upper_edge"]
    published = rows([20, 0, 1], [30, 1, 2], columns=edges)
    spec = {"query_kind": "histogram_aggregate"}
    assert bins.holds(Case(spec, published, rows([20, 0, 1], [31, 1, 2], columns=edges)))
    assert not bins.holds(Case(spec, published, rows([20, 0, 1], [29, 1, 2], columns=edges)))
    assert not bins.holds(Case(spec, published, rows([21, 0, 1], [31, 1, 2], columns=edges)))


def test_answers_are_kept_by_data_and_spec(tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    kept = Kept(file, "data")
    kept[SPEC] = rows(["a", 40])
    again = Kept(file, "data")
    assert SPEC in again
    assert again[SPEC] == rows(["a", 40])
    assert SPEC not in Kept(file, "other data")
    Kept.forget(file, [SPEC])
    assert SPEC not in Kept(file, "data")


def test_the_stored_query_is_asked_for_by_its_id() -> None:
    spec = SPECS["stored subset: last"]
    assert asks_for_stored(spec)
    assert not asks_for_stored(SPECS["spatial aggregate: last, admin2"])
    assert with_stored(spec, "a1")["locations"]["subscriber_subset"] == "a1"
    assert with_stored({"locations": [{"subscriber_subset": STORED}]}, "a1") == {
        "locations": [{"subscriber_subset": "a1"}]
    }


def test_the_rule_about_places_in_line_checks_the_rows() -> None:
    by_name = {rule.name: rule for rule in RULES}
    lines = by_name["places that share a longitude or a latitude are different places"]
    spec = {"query_kind": "trips_od_matrix", "aggregation_unit": "lon-lat"}
    columns = ["lon_from", "lat_from", "lon_to", "lat_to", "value"]
    published = rows([1, 1, 2, 2, 20], columns=columns)
    allowed = rows([1, 1, 2, 2, 20], [1, 1, 1, 2, 30], columns=columns)
    assert lines.applies(Case(spec, published, allowed)) and lines.holds(Case(spec, published, allowed))
    assert not lines.holds(Case(spec, published, rows([1, 1, 2, 2, 20], [1, 1, 3, 3, 30], columns=columns)))
    assert not lines.holds(Case(spec, published, rows([1, 1, 2, 2, 21], columns=columns)))


NOON, LATER = (dt.datetime(2016, 1, 1, hour, tzinfo=dt.UTC) for hour in (12, 13))


def test_where_there_are_ties_every_order_is_an_answer() -> None:
    visits = {"a": [(NOON, "x"), (LATER, "z"), (LATER, "y")], "b": [(NOON, "x"), (LATER, "y")]}
    day = NOON.date()
    assert tied_meaning.last(visits, day) == {"a": ["y", "z"], "b": ["y"]}
    ways = tied_meaning.consecutive(visits)
    assert ways["a"] == {frozenset({("x", "y"), ("y", "z")}), frozenset({("x", "z"), ("z", "y")})}
    assert tied_meaning.bounds(ways) == {
        ("x", "y"): (1, 2), ("x", "z"): (0, 1), ("y", "z"): (0, 1), ("z", "y"): (0, 1),
    }  # fmt: skip
    assert tied_meaning.bounds(tied_meaning.in_order(visits)) == {("x", "y"): (2, 2), ("y", "z"): (1, 1)}


def test_a_tie_on_a_day_makes_several_modal_places() -> None:
    days = [{"a": ["x", "y"], "b": ["x"]}, {"a": ["x"], "b": ["x"]}, {"a": ["y"]}]
    assert tied_meaning.modal(days) == {"a": ["x", "y"], "b": ["x"]}
    assert tied_meaning.modal([tied_meaning.first(day) for day in days]) == {"a": ["x"], "b": ["x"]}
    assert tied_meaning.bounds(tied_meaning.flows(days[0], days[1])) == {
        ("x", "x"): (1, 2),
        ("y", "x"): (0, 1),
    }
