import re
import warnings
from datetime import UTC, datetime, timedelta

import jwt as pyjwt
import pytest

from flowkit_jwt_generator import generate_token, load_private_key, load_public_key
from flowkit_jwt_generator.claims import ClaimsError, decompress_claims
from flowkit_jwt_generator.keys import key_id

ROLES = {"viewer": ["get_result"], "runner": ["run", "admin3:flows:flows"]}
NOW = datetime(2024, 2, 29, 12, 0, 0, 999_999, tzinfo=UTC)


def test_payload_and_header(keypair: tuple[bytes, bytes]) -> None:
    token = generate_token(
        flowapi_identifier="server",
        flowauth_identifier="issuer",
        username="someone",
        private_key=keypair[0].decode(),
        lifetime=timedelta(hours=1),
        roles=ROLES,
        now=NOW,
    )
    public_key = load_public_key(keypair[1])
    payload = pyjwt.decode(
        token, public_key, algorithms=["RS256"], audience="server", options={"verify_exp": False}
    )
    assert list(payload) == ["iat", "nbf", "jti", "user_claims", "sub", "exp", "aud", "iss"]
    assert payload["iat"] == payload["nbf"] == int(NOW.timestamp())
    assert payload["exp"] == payload["iat"] + 3600
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", payload["jti"]
    )
    assert (payload["sub"], payload["aud"], payload["iss"]) == ("someone", "server", "issuer")
    assert decompress_claims(payload["user_claims"]) == ROLES
    assert pyjwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": key_id(public_key)}


def test_token_of_now_is_valid_now(keypair: tuple[bytes, bytes]) -> None:
    key = load_private_key(keypair[0])
    arguments = {"username": "a", "private_key": key, "roles": ROLES, "flowapi_identifier": "server"}
    token = generate_token(lifetime=timedelta(minutes=1), **arguments)
    pyjwt.decode(token, key.public_key(), algorithms=["RS256"], audience="server")
    with pytest.raises(pyjwt.InvalidAudienceError):
        pyjwt.decode(token, key.public_key(), algorithms=["RS256"], audience="other")
    expired = generate_token(lifetime=timedelta(minutes=-1), **arguments)
    with pytest.raises(pyjwt.ExpiredSignatureError):
        pyjwt.decode(expired, key.public_key(), algorithms=["RS256"], audience="server")


def test_token_without_audience_warns(keypair: tuple[bytes, bytes]) -> None:
    with pytest.warns(UserWarning, match="no audience"):
        token = generate_token(
            username="a", private_key=keypair[0].decode(), lifetime=timedelta(1), roles=ROLES, compress=False
        )
    payload = pyjwt.decode(token, load_public_key(keypair[1]), algorithms=["RS256"])
    assert "aud" not in payload and "iss" not in payload
    assert payload["user_claims"] == ROLES


@pytest.mark.parametrize("roles", [["run"], {"runner": "run"}, None])
def test_roles_of_another_shape_are_refused(keypair: tuple[bytes, bytes], roles) -> None:
    with warnings.catch_warnings(), pytest.raises(ClaimsError):
        generate_token(
            flowapi_identifier="server",
            username="a",
            private_key=keypair[0].decode(),
            lifetime=timedelta(1),
            roles=roles,
        )


@pytest.mark.parametrize("username", ["", None, 1])
def test_a_token_of_nobody_is_refused(keypair: tuple[bytes, bytes], username) -> None:
    with pytest.raises(ValueError, match="user name must be text"):
        generate_token(
            flowapi_identifier="server",
            username=username,
            private_key=keypair[0].decode(),
            lifetime=timedelta(1),
            roles=ROLES,
        )


def test_equal_tokens_differ_in_their_id_alone(keypair: tuple[bytes, bytes]) -> None:
    def payload() -> dict:
        token = generate_token(
            flowapi_identifier="server",
            username="a",
            private_key=keypair[0].decode(),
            lifetime=timedelta(1),
            roles=ROLES,
            now=NOW,
        )
        return pyjwt.decode(token, options={"verify_signature": False})

    first, second = payload(), payload()
    assert first.pop("jti") != second.pop("jti")
    assert first == second


def test_full_access_fits_common_header_limits(keypair: tuple[bytes, bytes]) -> None:
    units = ["admin0", "admin1", "admin2", "admin3", "lon-lat"]
    kinds = [f"some_kind_of_query_{i}" for i in range(12)]
    roles = {"all": [f"{u}:{a}:{b}" for u in units for a in kinds for b in kinds]}
    token = generate_token(
        flowapi_identifier="server",
        username="a",
        private_key=keypair[0].decode(),
        lifetime=timedelta(1),
        roles=roles,
    )
    assert len(token) < 8192
