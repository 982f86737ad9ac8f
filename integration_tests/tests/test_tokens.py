"""Requests without a good token: status and message are those that clients know."""

from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from api import Api
from signing import AUDIENCE, Signer


def claims(**changes: Any) -> dict[str, Any]:
    """Return what a good token says, with changes; a claim of None is left out."""
    now = int(datetime.now(UTC).timestamp())
    good = {"sub": "analyst", "aud": AUDIENCE, "iat": now, "nbf": now, "exp": now + 60, "user_claims": {}}
    return {name: value for name, value in (good | changes).items() if value is not None}


LATER = int(datetime.now(UTC).timestamp()) + 3600

BAD_CLAIMS: dict[str, tuple[dict[str, Any], int, str]] = {
    "expired": ({"exp": 1}, 401, "Token has expired"),
    "for another server": ({"aud": "elsewhere"}, 422, "Invalid audience"),
    "for no server": ({"aud": None}, 422, 'Token is missing the "aud" claim'),
    "of nobody": ({"sub": None}, 422, "Missing claim: sub"),
    "not valid yet": ({"nbf": LATER}, 422, "The token is not yet valid (nbf)"),
    "without an end": ({"exp": None}, 422, 'Token is missing the "exp" claim'),
    "to refresh others": ({"type": "refresh"}, 422, "Only access tokens are allowed"),
    "without roles": ({"user_claims": None}, 422, "Missing claim: user_claims"),
    "with a list of scopes": ({"user_claims": ["run"]}, 422, "Invalid user_claims"),
    "with roles that cannot be unpacked": ({"user_claims": "AAAA"}, 422, "Invalid user_claims"),
}


@pytest.mark.parametrize("name", BAD_CLAIMS)
def test_claims(api: Api, signer: Signer, name: str) -> None:
    changes, status, msg = BAD_CLAIMS[name]
    token = jwt.encode(claims(**changes), signer.private_key, algorithm="RS256")
    response = api.get("available_dates", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == status
    assert response.json()["msg"].startswith(msg)


def test_a_token_with_plain_roles_is_good(api: Api, signer: Signer) -> None:
    roles = {"viewer": ["get_available_dates"]}
    token = jwt.encode(claims(user_claims=roles), signer.private_key, algorithm="RS256")
    assert api.get("available_dates", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_signatures(api: Api, signer: Signer, token: str) -> None:
    of_another = Signer().token({"role": ["get_available_dates"]})
    unsigned = jwt.encode(claims(), "", algorithm="none")
    # A public key is known to everybody: it must not be usable as a shared secret.
    shared = jwt.encode(claims(), b"x" * 32, algorithm="HS256")
    head, body, signature = token.split(".")
    other_body = of_another.split(".")[1]
    for bad in (of_another, unsigned, shared, f"{head}.{other_body}.{signature}", f"{head}.{body}."):
        response = api.get("available_dates", headers={"Authorization": f"Bearer {bad}"})
        assert response.status_code == 422
        assert response.json()["code"] == "invalid_token"
    response = api.get("available_dates", headers={"Authorization": f"Bearer {of_another}"})
    assert response.json()["msg"] == "Signature verification failed"


BAD_HEADERS = {
    "Basic YTpi": "Bad Authorization header. Expected value 'Bearer <JWT>'",
    "Bearer": "Bad Authorization header. Expected value 'Bearer <JWT>'",
    "Bearer a b": "Bad Authorization header. Expected value 'Bearer <JWT>'",
    "Bearer garbage": "Not enough segments",
}


@pytest.mark.parametrize("header", BAD_HEADERS)
def test_headers(api: Api, header: str) -> None:
    response = api.get("available_dates", headers={"Authorization": header})
    assert (response.status_code, response.json()["msg"]) == (422, BAD_HEADERS[header])


@pytest.mark.parametrize(
    "path",
    ["available_dates", "poll/x", "get/x", "get/x.csv", "geography/admin3", "qa/", "qa/a/b", "qa/a/b/c"],
)
def test_no_token(stack_url: str, path: str) -> None:
    anonymous = Api(stack_url, {})
    response = anonymous.get(path)
    anonymous.client.close()
    assert (response.status_code, response.json()["msg"]) == (401, "Missing Authorization Header")
