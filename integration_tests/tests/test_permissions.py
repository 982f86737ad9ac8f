"""A token gets through with every scope of a query in one role, and with nothing less."""

from itertools import product
from typing import Any

import pytest
from api import Api
from signing import Signer
from specs import EXAMPLES, NONSPATIAL, Spec, aggregate, daily, dummy, needed_scopes, unit_of
from stack import Stack

REFUSAL = "User claims verification failed"
ACTIONS = {"run": {"run"}, "poll": set[str](), "get": {"get_result"}, "geojson": {"get_result"}}
SUCCESS = {"run": 202, "poll": 303, "get": 200, "geojson": 200}

WITHOUT_MAP = ("dummy_query", "dfs_metric_total_amount")
"""Kinds with a unit whose results have no geography."""

each_example = pytest.mark.parametrize("name", EXAMPLES)
each_action = pytest.mark.parametrize("action", ACTIONS)


@pytest.fixture(scope="module")
def query_ids(api: Api) -> dict[str, str]:
    """Return the id of every example, all of them completed."""
    return {name: api.complete(spec) for name, spec in EXAMPLES.items()}


@pytest.fixture
def ask(stack: Stack, query_ids: dict[str, str]) -> Any:
    """Return a function that does something with an example under some headers."""
    unauthorised = Api(stack.url, {})

    def do(action: str, name: str, headers: dict[str, str]) -> Any:
        if action == "run":
            return unauthorised.run(EXAMPLES[name], headers=headers)
        path = {"poll": "poll/{}", "get": "get/{}", "geojson": "get/{}.geojson"}[action]
        return unauthorised.get(path.format(query_ids[name]), headers=headers)

    yield do
    unauthorised.client.close()


def scopes_for(action: str, spec: Spec) -> frozenset[str]:
    """Return everything that an action on a spec needs."""
    shapes = {f"{unit_of(spec)}:geography:geography"} if action == "geojson" else set()
    return needed_scopes(spec) | ACTIONS[action] | shapes


def possible(action: str, name: str) -> bool:
    """Tell whether a spec has a form for the action."""
    return action != "geojson" or (name not in WITHOUT_MAP and unit_of(EXAMPLES[name]) != NONSPATIAL)


CASES = [case for case in product(ACTIONS, EXAMPLES) if possible(*case)]


def test_every_kind_has_an_example(api: Api) -> None:
    schemas = api.get("spec/openapi.json").json()["components"]["schemas"]
    offered = schemas["FlowmachineQuerySchema"]["discriminator"]["mapping"]
    assert {spec["query_kind"] for spec in EXAMPLES.values()} == set(offered)


@pytest.mark.parametrize(("action", "name"), CASES)
def test_exactly_the_needed_scopes_get_through(ask: Any, signer: Signer, action: str, name: str) -> None:
    response = ask(action, name, signer.headers(*scopes_for(action, EXAMPLES[name])))
    assert response.status_code == SUCCESS[action], response.text


@pytest.mark.parametrize(("action", "name"), CASES)
def test_lacking_any_one_scope_is_refused(
    ask: Any, signer: Signer, all_scopes: list[str], action: str, name: str
) -> None:
    """Whatever else the token holds."""
    for missing in scopes_for(action, EXAMPLES[name]):
        response = ask(action, name, signer.headers(*(set(all_scopes) - {missing})))
        assert response.status_code == 403, missing
        body = response.json()
        assert body["msg"] == REFUSAL
        assert body["missing_scopes"] == [missing]


@pytest.mark.parametrize(("action", "name"), CASES)
def test_roles_are_not_put_together(
    ask: Any, signer: Signer, all_scopes: list[str], action: str, name: str
) -> None:
    query = needed_scopes(EXAMPLES[name]) | ACTIONS[action]
    if len(query) < 2:
        return
    for alone in query:
        roles = {"one": [alone], "rest": set(all_scopes) - {alone}}
        response = ask(action, name, {"Authorization": f"Bearer {signer.token(roles)}"})
        assert response.status_code == 403, alone


@each_example
def test_a_role_for_the_query_and_another_for_the_shapes_is_enough(
    ask: Any, signer: Signer, name: str
) -> None:
    if not possible("geojson", name):
        return
    spec = EXAMPLES[name]
    shapes = {"get_result", f"{unit_of(spec)}:geography:geography"}
    roles = {"query": needed_scopes(spec) | {"get_result"}, "shapes": shapes}
    response = ask("geojson", name, {"Authorization": f"Bearer {signer.token(roles)}"})
    assert response.status_code == 200


@each_action
def test_a_token_without_roles_is_refused(ask: Any, signer: Signer, action: str) -> None:
    nothing: tuple[dict[str, list[str]], ...] = ({}, {"nothing": []})
    for roles in nothing:
        response = ask(action, "flows", {"Authorization": f"Bearer {signer.token(roles)}"})
        assert response.status_code == 403


def test_another_unit_is_another_scope(api: Api, signer: Signer) -> None:
    scopes = {"run"} | needed_scopes(aggregate(daily(unit="admin2")))
    assert api.run(aggregate(daily(unit="admin2")), headers=signer.headers(*scopes)).status_code == 202
    assert api.run(aggregate(daily(unit="admin3")), headers=signer.headers(*scopes)).status_code == 403


def test_geography(api: Api, signer: Signer, all_scopes: list[str]) -> None:
    for unit in ("admin0", "admin1", "admin2", "admin3", "lon-lat"):
        needed = {"get_result", f"{unit}:geography:geography"}
        assert api.get(f"geography/{unit}", headers=signer.headers(*needed)).status_code == 200
        for missing in needed:
            headers = signer.headers(*(set(all_scopes) - {missing}))
            assert api.get(f"geography/{unit}", headers=headers).status_code == 403
        split = {str(number): [scope] for number, scope in enumerate(needed)}
        headers = {"Authorization": f"Bearer {signer.token(split)}"}
        assert api.get(f"geography/{unit}", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("path", "scope"), [("available_dates", "get_available_dates"), ("qa/", "get_qa_checks")]
)
def test_simple_scopes(api: Api, signer: Signer, all_scopes: list[str], path: str, scope: str) -> None:
    assert api.get(path, headers=signer.headers(scope)).status_code == 200
    refused = api.get(path, headers=signer.headers(*(set(all_scopes) - {scope})))
    assert (refused.status_code, refused.json()["msg"]) == (403, REFUSAL)


def test_a_refused_query_is_not_started(api: Api, signer: Signer) -> None:
    spec = dummy("never-started")
    assert api.run(spec, headers=signer.headers("run")).status_code == 403
    assert api.get("poll/dummy_query_never-started").status_code == 404


def test_subscribers_of_a_query_that_cannot_be_checked(api: Api) -> None:
    """Whoever names a stored query as a subset needs its scopes, which an unknown one does not tell."""
    response = api.run(aggregate(daily(subscriber_subset="0123456789abcdef" * 2)))
    assert response.status_code == 403
    assert response.json()["code"] == "subset_not_permitted"


def test_a_part_by_a_finer_unit_needs_a_scope_of_that_unit(api: Api, signer: Signer) -> None:
    """Displacements are measured from positions, whatever unit they are shown by."""
    days = {"start_date": "2016-01-01", "end_date": "2016-01-03"}
    place = daily(unit="lon-lat")
    spec = {
        "query_kind": "joined_spatial_aggregate",
        "locations": daily(unit="admin1"),
        "metric": {"query_kind": "displacement", **days, "statistic": "avg", "reference_location": place},
        "method": "avg",
    }
    held, finer = {"run"} | needed_scopes(spec), "lon-lat:joined_spatial_aggregate:daily_location"
    assert all(scope == "run" or scope.startswith("admin1:") for scope in held)
    refused = api.run(spec, headers=signer.headers(*held))
    assert refused.status_code == 403, refused.text
    assert refused.json()["missing_scopes"] == [finer]
    assert api.run(spec, headers=signer.headers(*held, finer)).status_code == 202
    # For a part alone: nothing is shown by positions.
    by_position = {**spec, "locations": place}
    assert api.run(by_position, headers=signer.headers(*held, finer)).status_code == 403
