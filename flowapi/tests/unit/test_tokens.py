"""Tokens: what is accepted, and how each thing that is wrong is answered."""

import base64
import gzip
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from signing import AUDIENCE, MakeToken

from flowapi.tokens import TokenError, TokenVerifier, bearer_token
from flowkit_jwt_generator.keys import key_id, public_key_pem

ROLES = {"viewer": ["get_result", "admin3:flows:flows"], "empty": []}


@pytest.fixture
def verifier(private_key: rsa.RSAPrivateKey) -> TokenVerifier:
    return TokenVerifier({key_id(private_key): private_key.public_key()}, AUDIENCE)


@pytest.fixture
def sign(private_key: rsa.RSAPrivateKey) -> Callable[..., str]:
    """Return a function that signs a good token's claims with some of them changed, None removing one."""

    def make(*, headers: dict[str, Any] | None = None, **changes: Any) -> str:
        now = int(time.time())
        claims = {"iat": now, "nbf": now, "exp": now + 60, "jti": "1", "sub": "USER", "aud": AUDIENCE}
        claims |= {"user_claims": ROLES} | changes
        present = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(present, private_key, algorithm="RS256", headers=headers)

    return make


def compressed(text: bytes) -> str:
    return base64.encodebytes(gzip.compress(text)).decode()


@pytest.mark.parametrize("compress", [True, False])
def test_compressed_and_plain_claims(verifier: TokenVerifier, make_token: MakeToken, compress: bool) -> None:
    caller = verifier.verify(make_token(ROLES, compress=compress))
    assert (caller.user, caller.roles) == ("TEST_USER", ROLES)


def test_an_audience_among_several(verifier: TokenVerifier, sign: Callable[..., str]) -> None:
    assert verifier.verify(sign(aud=["other", AUDIENCE])).user == "USER"


@pytest.mark.parametrize(
    ("changes", "status", "msg"),
    [
        ({"exp": 1}, 401, "Token has expired"),
        ({"exp": None}, 422, 'Token is missing the "exp" claim'),
        ({"aud": "other"}, 422, "Invalid audience"),
        ({"aud": None}, 422, 'Token is missing the "aud" claim'),
        ({"nbf": 4102444800}, 422, "The token is not yet valid (nbf)"),
        ({"iat": 4102444800}, 422, "The token is not yet valid (iat)"),
        ({"sub": None}, 422, "Missing claim: sub"),
        ({"type": "refresh"}, 422, "Only access tokens are allowed"),
        ({"user_claims": None}, 422, "Missing claim: user_claims"),
    ],
)
def test_claims_that_are_refused(
    verifier: TokenVerifier, sign: Callable[..., str], changes: dict[str, Any], status: int, msg: str
) -> None:
    with pytest.raises(TokenError) as raised:
        verifier.verify(sign(**changes))
    assert (raised.value.http_status, raised.value.msg) == (status, msg)


@pytest.mark.parametrize(
    "claims",
    [
        ["run"],
        {"role": "run"},
        {"role": [1]},
        {"role": {"run": True}},
        "",
        "not base64 of gzip",
        compressed(b"not json"),
        compressed(b'["run"]'),
        compressed(b'{"role": ["run"]}')[:-12],
        compressed(b" " * 50_000_000 + b'{"role": ["run"]}'),
        17,
    ],
    ids=lambda claims: str(claims)[:20],
)
def test_claims_that_are_not_roles(verifier: TokenVerifier, sign: Callable[..., str], claims: Any) -> None:
    with pytest.raises(TokenError) as raised:
        verifier.verify(sign(user_claims=claims))
    assert raised.value.http_status == 422
    assert raised.value.msg.startswith("Invalid user_claims: ")


def test_text_that_is_no_token(verifier: TokenVerifier) -> None:
    with pytest.raises(TokenError) as raised:
        verifier.verify("garbage")
    assert (raised.value.http_status, raised.value.msg) == (422, "Not enough segments")


def test_an_expired_token_is_described_without_its_scopes(
    verifier: TokenVerifier, sign: Callable[..., str]
) -> None:
    with pytest.raises(TokenError) as raised:
        verifier.verify(sign(exp=1))
    assert raised.value.claims is not None
    assert raised.value.claims["sub"] == "USER"
    assert "user_claims" not in raised.value.claims


def test_the_type_access_is_accepted(verifier: TokenVerifier, sign: Callable[..., str]) -> None:
    assert verifier.verify(sign(type="access")).user == "USER"


def test_a_token_that_was_accepted_expires_all_the_same(
    verifier: TokenVerifier, sign: Callable[..., str]
) -> None:
    token = sign(exp=int(time.time()) + 1)
    assert verifier.verify(token) == verifier.verify(token)
    time.sleep(1.1)
    with pytest.raises(TokenError) as raised:
        verifier.verify(token)
    assert raised.value.msg == "Token has expired"


# Attacks


def unsigned(token: str, header: dict[str, Any]) -> str:
    text = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{text}.{token.split('.')[1]}"


def refused(verifier: TokenVerifier, token: str) -> str:
    with pytest.raises(TokenError) as raised:
        verifier.verify(token)
    assert raised.value.http_status == 422
    return raised.value.msg


def test_no_algorithm(verifier: TokenVerifier, sign: Callable[..., str]) -> None:
    for name in ("none", "None", "NONE"):
        refused(verifier, unsigned(sign(), {"alg": name, "typ": "JWT"}) + ".")


def test_the_public_key_as_hmac_secret(
    verifier: TokenVerifier, sign: Callable[..., str], private_key: rsa.RSAPrivateKey
) -> None:
    text = unsigned(sign(), {"alg": "HS256", "typ": "JWT"})
    digest = hmac.new(public_key_pem(private_key.public_key()), text.encode(), hashlib.sha256).digest()
    signature = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert refused(verifier, f"{text}.{signature}") == "The specified alg value is not allowed"


def test_stripped_and_foreign_signatures(verifier: TokenVerifier, sign: Callable[..., str]) -> None:
    token = sign()
    head = token.rpartition(".")[0]
    assert refused(verifier, f"{head}.") == "Signature verification failed"
    refused(verifier, head)
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (
        refused(verifier, jwt.encode(claims, stranger, algorithm="RS256")) == "Signature verification failed"
    )


def test_changed_claims(verifier: TokenVerifier, sign: Callable[..., str]) -> None:
    mine, other = sign().split("."), sign(sub="ADMIN").split(".")
    assert refused(verifier, ".".join([mine[0], other[1], mine[2]])) == "Signature verification failed"


def test_a_key_brought_along(verifier: TokenVerifier, sign: Callable[..., str]) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = jwt.decode(sign(), options={"verify_signature": False})
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(stranger.public_key()))
    headers = {"jwk": jwk, "jku": "https://example.org/keys", "kid": key_id(stranger)}
    refused(verifier, jwt.encode(claims, stranger, algorithm="RS256", headers=headers))


# Several keys


def test_tokens_of_an_old_and_a_new_key(private_key: rsa.RSAPrivateKey, sign: Callable[..., str]) -> None:
    new = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    verifier = TokenVerifier(
        {key_id(private_key): private_key.public_key(), key_id(new): new.public_key()}, AUDIENCE
    )
    claims = jwt.decode(sign(), options={"verify_signature": False})
    for key in (private_key, new):
        for headers in ({}, {"kid": key_id(key)}, {"kid": "somebody's own name"}):
            token = jwt.encode(claims, key, algorithm="RS256", headers=headers)
            assert verifier.verify(token).user == "USER"
    # A token that names the other key is checked with that one only.
    wrong = jwt.encode(claims, new, algorithm="RS256", headers={"kid": key_id(private_key)})
    assert refused(verifier, wrong) == "Signature verification failed"


# The header


@pytest.mark.parametrize("value", ["Bearer abc", "Basic x, Bearer abc", "Bearer   abc"])
def test_the_first_bearer_value_is_taken(value: str) -> None:
    assert bearer_token([value]) == "abc"


@pytest.mark.parametrize(
    "value", ["", "abc", "bearer abc", "Bearer", "Bearer a b", "Basic x", "Bearer, Bearer a"]
)
def test_headers_without_a_bearer_token(value: str) -> None:
    with pytest.raises(TokenError) as raised:
        bearer_token([value])
    assert raised.value.http_status == 422
    assert raised.value.msg == "Bad Authorization header. Expected value 'Bearer <JWT>'"


def test_no_header_and_two_headers() -> None:
    with pytest.raises(TokenError) as missing:
        bearer_token([])
    assert (missing.value.http_status, missing.value.msg) == (401, "Missing Authorization Header")
    with pytest.raises(TokenError) as doubled:
        bearer_token(["Bearer a", "Bearer a"])
    assert doubled.value.http_status == 422
