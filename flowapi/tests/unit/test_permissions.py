"""What a query needs, and that nothing less grants it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowapi.permissions import Action, check, decide, nested_deeper, query_kinds, query_scopes, subset_ids

KINDS = st.sampled_from(["flows", "daily_location", "modal_location", "displacement", "dummy_query"])
UNITS = st.sampled_from(["admin0", "admin3", "lon-lat", None])
ACTIONS = st.sampled_from(Action)


def _nest(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.dictionaries(
        st.text(max_size=5).filter(lambda key: key != "query_kind"), children, max_size=3
    )
    with_kind = st.tuples(objects, KINDS).map(lambda pair: {**pair[0], "query_kind": pair[1]})
    return st.one_of(objects, with_kind, st.lists(children, max_size=3))


VALUES = st.recursive(st.one_of(st.none(), st.integers(), st.text(max_size=5)), _nest, max_leaves=12)
SPECS = st.tuples(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), KINDS).map(
    lambda pair: {**pair[0], "query_kind": pair[1]}
)

FLOWS = {
    "query_kind": "joined_spatial_aggregate",
    "locations": {"query_kind": "daily_location", "aggregation_unit": "admin2"},
    "metric": {
        "query_kind": "displacement",
        "reference_location": {
            "query_kind": "modal_location",
            "locations": [{"query_kind": "daily_location", "aggregation_unit": "admin3"}],
        },
    },
}


def kinds_by_definition(value: Any) -> set[str]:
    """Collect kinds by recursion, straight from the definition."""
    if isinstance(value, dict):
        own = {value["query_kind"]} if "query_kind" in value else set()
        return own.union(*map(kinds_by_definition, value.values()))
    if isinstance(value, list):
        return set().union(*map(kinds_by_definition, value))
    return set()


def test_worked_example() -> None:
    decision = check(FLOWS, "admin2", Action.RUN, {})
    top = "admin2:joined_spatial_aggregate"
    assert set(decision.required) == {
        "run",
        f"{top}:joined_spatial_aggregate",
        f"{top}:daily_location",
        f"{top}:displacement",
        f"{top}:modal_location",
    }


def test_a_query_without_unit_is_nonspatial() -> None:
    assert query_scopes({"query_kind": "calendar_activity"}, None) == {
        "nonspatial:calendar_activity:calendar_activity"
    }


def test_polling_needs_no_action() -> None:
    spec = {"query_kind": "flows"}
    assert check(spec, "admin3", Action.POLL, {"r": ["admin3:flows:flows"]}).allowed
    assert not check(spec, "admin3", Action.GET, {"r": ["admin3:flows:flows"]}).allowed


@pytest.mark.parametrize("roles", [{}, {"r": []}, {"r": ["run"]}, {"r": ["*", "admin3:flows:*", "admin3"]}])
def test_deny_by_default(roles: dict[str, list[str]]) -> None:
    assert not check({"query_kind": "flows"}, "admin3", Action.RUN, roles).allowed


def test_nothing_required_is_nothing_granted() -> None:
    assert not decide([], {"r": ["run"]}).allowed


@given(SPECS)
def test_kinds_are_found_at_any_depth(spec: dict[str, Any]) -> None:
    assert query_kinds(spec) == kinds_by_definition(spec)


@given(SPECS, UNITS, ACTIONS, st.lists(st.text(max_size=8)))
def test_exactly_the_required_scopes_in_one_role_suffice(
    spec: dict[str, Any], unit: str | None, action: Action, others: list[str]
) -> None:
    required = check(spec, unit, action, {}).required
    assert check(spec, unit, action, {"other": others, "role": [*others, *required]}).allowed


@given(SPECS, UNITS, ACTIONS, st.data())
def test_lacking_any_one_scope_denies(
    spec: dict[str, Any], unit: str | None, action: Action, data: st.DataObject
) -> None:
    required = check(spec, unit, action, {}).required
    lacking = data.draw(st.sampled_from(required))
    held = [scope for scope in required if scope != lacking]
    # The one that is lacking in the first role is held in another: roles are never combined.
    decision = check(spec, unit, action, {"most": held, "rest": [lacking] if held else []})
    assert not decision.allowed
    assert decision.missing


@given(SPECS, st.text(max_size=20), st.data())
def test_no_kind_can_be_spelled_so_that_it_needs_less(
    spec: dict[str, Any], kind: str, data: st.DataObject
) -> None:
    """A kind that holds a separator must not turn into a scope that someone holds."""
    granted = [f"admin3:flows:{known}" for known in ("flows", "daily_location")] + ["run"]
    needed = set(query_scopes({**spec, "query_kind": kind}, "admin3"))
    expected = kind == "flows" and kinds_by_definition(spec) - {spec["query_kind"]} <= {
        "flows",
        "daily_location",
    }
    assert (needed <= set(granted)) == expected


@pytest.mark.parametrize("kind", [None, 3, ["flows"], {"query_kind": "flows"}, True])
def test_a_kind_that_is_no_text_is_never_granted(kind: Any) -> None:
    spec = {"query_kind": "flows", "from_location": {"query_kind": kind}}
    assert not check(spec, "admin3", Action.RUN, {"r": ["run", "admin3:flows:flows"]}).allowed


def test_deep_nesting_does_not_exhaust_the_stack() -> None:
    spec: dict[str, Any] = {"query_kind": "flows"}
    for _ in range(50_000):
        spec = {"query_kind": "flows", "x": [spec]}
    assert query_kinds(spec) == {"flows"}


def test_nesting_is_counted() -> None:
    assert not nested_deeper({"a": [1], "b": 2}, 2)
    assert nested_deeper({"a": [1], "b": 2}, 1)
    assert not nested_deeper("text", 0)


def test_subsets_are_found_at_any_depth() -> None:
    spec = {
        "query_kind": "flows",
        "subscriber_subset": "abc",
        "from_location": {"locations": [{"subscriber_subset": "def"}, {"subscriber_subset": None}]},
    }
    assert subset_ids(spec) == {"abc", "def"}
