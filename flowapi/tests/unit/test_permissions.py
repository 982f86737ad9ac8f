"""What a query needs, and that nothing less grants it."""

from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowapi.permissions import (
    UNITS_BY_FINENESS,
    Action,
    Needs,
    check,
    decide,
    nested_deeper,
    query_kinds,
    query_needs,
    subset_ids,
)

KINDS = st.sampled_from(["flows", "daily_location", "modal_location", "displacement", "dummy_query"])
UNITS = st.sampled_from(["admin0", "admin3", "lon-lat", "somebody's own", None])
ACTIONS = st.sampled_from(Action)


def _nest(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.dictionaries(
        st.text(max_size=5).filter(lambda key: key != "query_kind"), children, max_size=3
    )
    with_kind = st.tuples(objects, KINDS).map(lambda pair: {**pair[0], "query_kind": pair[1]})
    with_unit = st.tuples(with_kind, UNITS).map(lambda pair: {**pair[0], "aggregation_unit": pair[1]})
    return st.one_of(objects, with_kind, with_unit, st.lists(children, max_size=3))


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
        # The place that displacements are measured from is told more exactly than the result is.
        "admin3:joined_spatial_aggregate:daily_location",
    }


def test_a_query_without_unit_is_nonspatial() -> None:
    assert query_needs({"query_kind": "calendar_activity"}, None) == Needs(
        frozenset({"nonspatial:calendar_activity:calendar_activity"})
    )


def test_polling_needs_no_action() -> None:
    spec = {"query_kind": "flows"}
    assert check(spec, "admin3", Action.POLL, {"r": ["admin3:flows:flows"]}).allowed
    assert not check(spec, "admin3", Action.GET, {"r": ["admin3:flows:flows"]}).allowed


@pytest.mark.parametrize("roles", [{}, {"r": []}, {"r": ["run"]}, {"r": ["*", "admin3:flows:*", "admin3"]}])
def test_deny_by_default(roles: dict[str, list[str]]) -> None:
    assert not check({"query_kind": "flows"}, "admin3", Action.RUN, roles).allowed


def test_nothing_required_is_nothing_granted() -> None:
    assert not decide(Needs(frozenset()), {"r": ["run"]}).allowed


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
    needed = query_needs({**spec, "query_kind": kind}, "admin3").scopes
    expected = kind == "flows" and kinds_by_definition(spec) - {spec["query_kind"]} <= {
        "flows",
        "daily_location",
    }
    assert (needed <= set(granted)) == expected


def parts_by_definition(value: Any) -> list[tuple[Any, Any]]:
    """Collect unit and kind of everything that has a unit, by recursion."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    parts = list(chain.from_iterable(map(parts_by_definition, inside)))
    if isinstance(value, dict) and value.get("aggregation_unit"):
        parts.append((value["aggregation_unit"], value.get("query_kind")))
    return parts


def allowed_by_definition(spec: dict[str, Any], unit: str | None, scopes: set[str]) -> bool:
    """Decide for one role, from the rule: each part by the query's unit, or by its own or a finer one."""
    order = {name: number for number, name in enumerate(["admin0", "admin1", "admin2", "admin3", "lon-lat"])}
    top = spec["query_kind"]
    if any(f"{unit or 'nonspatial'}:{top}:{kind}" not in scopes for kind in kinds_by_definition(spec)):
        return False
    for inner, kind in parts_by_definition(spec) if unit else []:
        as_fine = {inner, *(name for name in order if inner in order and order[name] > order[inner])}
        if unit not in as_fine and not any(f"{name}:{top}:{kind}" in scopes for name in as_fine):
            return False
    return True


@given(SPECS, UNITS, st.data())
def test_parts_by_other_units_are_decided_by_the_definition(
    spec: dict[str, Any], unit: str | None, data: st.DataObject
) -> None:
    """Roles that hold the query's scopes for its own unit, and some of the same by other units."""
    top, kinds = spec["query_kind"], sorted(kinds_by_definition(spec))
    own = {f"{unit or 'nonspatial'}:{top}:{kind}" for kind in kinds}
    others = [f"{name}:{top}:{kind}" for name in (*UNITS_BY_FINENESS, "somebody's own") for kind in kinds]
    held = own | set(data.draw(st.lists(st.sampled_from(others))))
    assert check(spec, unit, Action.POLL, {"r": sorted(held)}).allowed == allowed_by_definition(
        spec, unit, held
    )


@given(SPECS, UNITS, st.data())
def test_more_scopes_never_take_a_permission_away(
    spec: dict[str, Any], unit: str | None, data: st.DataObject
) -> None:
    required = check(spec, unit, Action.RUN, {}).required
    fewer = data.draw(st.sets(st.sampled_from(required)))
    more = fewer | data.draw(st.sets(st.sampled_from(required)))
    if check(spec, unit, Action.RUN, {"r": sorted(fewer)}).allowed:
        assert check(spec, unit, Action.RUN, {"r": sorted(more)}).allowed


def displaced(outer: str, inner: Any) -> dict[str, Any]:
    place = {"query_kind": "daily_location", "aggregation_unit": inner}
    return {
        "query_kind": "joined_spatial_aggregate",
        "locations": {"query_kind": "daily_location", "aggregation_unit": outer},
        "metric": {"query_kind": "displacement", "reference_location": place},
    }


@pytest.mark.parametrize(
    ("outer", "inner", "also_held", "allowed"),
    [
        ("admin2", "admin2", None, True),
        ("admin2", "admin1", None, True),
        ("admin2", "admin3", None, False),
        ("admin2", "admin3", "admin3", True),
        ("admin2", "admin3", "lon-lat", True),
        ("admin2", "lon-lat", "admin3", False),
        ("admin2", "somebody's own", "lon-lat", False),
        ("admin2", "somebody's own", "somebody's own", True),
        ("admin2", ["admin2"], None, False),
        ("admin2", {"query_kind": "daily_location"}, None, False),
    ],
)
def test_nested_units(outer: str, inner: Any, also_held: str | None, allowed: bool) -> None:
    top = "joined_spatial_aggregate"
    held = [f"{outer}:{top}:{kind}" for kind in (top, "daily_location", "displacement")]
    also = [] if also_held is None else [f"{also_held}:{top}:daily_location"]
    decision = check(displaced(outer, inner), outer, Action.POLL, {"r": [*held, *also]})
    assert decision.allowed == allowed
    assert bool(decision.missing) != allowed
    if also:
        # Held in another role it does not help.
        assert not check(displaced(outer, inner), outer, Action.POLL, {"a": held, "b": also}).allowed


def test_a_finer_scope_stands_in_only_for_parts() -> None:
    """Not for a whole query, such as one that is named as a subset, whatever is nested beside it."""
    needs = Needs(frozenset({"admin2:a:b"}), frozenset({"admin2:a:b"}))
    assert not decide(needs, {"r": ["admin3:a:b"]}).allowed
    assert decide(Needs(frozenset(), frozenset({"admin2:a:b"})), {"r": ["admin3:a:b"]}).allowed


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
