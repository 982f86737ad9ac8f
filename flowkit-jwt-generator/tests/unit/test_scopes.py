import pytest

from flowkit_jwt_generator.scopes import granting_roles, missing_scopes, squash, squashed_scopes

ROLES = {"runner": ["run", "a:b:b"], "viewer": ["get_result", "a:b:b"], "empty": []}


@pytest.mark.parametrize(
    ("required", "granting", "missing"),
    [
        (["run", "a:b:b"], ["runner"], []),
        (["a:b:b", "a:b:b"], ["runner", "viewer"], []),
        (["run", "get_result"], [], ["get_result"]),
        (["run", "a:b:c"], [], ["a:b:c"]),
        (["RUN"], [], ["RUN"]),
        ([], [], []),
    ],
)
def test_one_role_must_hold_every_scope(required: list[str], granting: list[str], missing: list[str]) -> None:
    assert granting_roles(iter(required), ROLES) == granting
    assert missing_scopes(iter(required), ROLES) == missing


def test_no_roles_grant_nothing() -> None:
    assert granting_roles(["run"], {}) == []
    assert missing_scopes(["run", "a"], {}) == ["a", "run"]


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ([], []),
        (["SCOPE"], ["SCOPE"]),
        (["get_result&SCOPE", "run&SCOPE"], ["get_result,run&SCOPE"]),
        (["get_result&SCOPE.foo", "run&SCOPE"], ["get_result&SCOPE.foo", "run&SCOPE"]),
        (
            [f"{a}&SCOPE.aggregation_unit.{u}" for a in ("get_result", "run") for u in ("foo", "bar")],
            ["get_result,run&SCOPE.aggregation_unit.bar,SCOPE.aggregation_unit.foo"],
        ),
        (["run&S.a", "run&S.b", "get&S.a"], ["get,run&S.a", "run&S.b"]),
        ([f"get&S.{u}" for u in "cab"], ["get&S.a,S.b,S.c"]),
        (["run", "admin3:flows:flows"], ["admin3:flows:flows,run"]),
    ],
)
def test_squashing(scopes: list[str], expected: list[str]) -> None:
    assert list(squashed_scopes(scopes)) == expected
    assert squash(scopes) == expected
