"""Forged, swollen and misplaced tokens: refused at little cost, and the server is well then."""

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from conftest import MOST_GROWTH
from cryptography.hazmat.primitives.asymmetric import rsa
from flowapi_client import refused
from serving import Served
from signing import AUDIENCE, MakeToken

from flowkit_jwt_generator.keys import key_id, public_key_pem

pytestmark = pytest.mark.usefixtures("well_afterwards")

DATES = "/api/0/available_dates"


@pytest.fixture
def send(http_client: Callable[..., httpx.Client]) -> Callable[[str], httpx.Response]:
    """Return a function that asks for data with a token."""
    client = http_client()
    return lambda token: client.get(DATES, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def good(make_token: MakeToken) -> str:
    return make_token({"role": ["get_available_dates"]})


def encoded(part: bytes | dict[str, Any]) -> str:
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def test_the_token_that_attacks_start_from_is_good(send: Callable[[str], httpx.Response], good: str) -> None:
    assert send(good).status_code == 200


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", None])
def test_no_algorithm(send: Callable[[str], httpx.Response], good: str, name: str | None) -> None:
    _, claims, signature = good.split(".")
    header = encoded({"alg": name, "typ": "JWT"})
    refused(send(f"{header}.{claims}."))
    refused(send(f"{header}.{claims}.{signature}"))


@pytest.mark.parametrize(("name", "digest"), [("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")])
def test_the_public_key_as_secret(
    send: Callable[[str], httpx.Response], good: str, private_key: rsa.RSAPrivateKey, name: str, digest: str
) -> None:
    for secret in (
        public_key_pem(private_key.public_key()),
        public_key_pem(private_key.public_key()).strip(),
        b"",
    ):
        text = f"{encoded({'alg': name, 'typ': 'JWT'})}.{good.split('.')[1]}"
        refused(send(f"{text}.{encoded(hmac.new(secret, text.encode(), getattr(hashlib, digest)).digest())}"))


def test_a_swapped_audience(
    send: Callable[[str], httpx.Response], make_token: MakeToken, good: str, private_key: rsa.RSAPrivateKey
) -> None:
    refused(send(make_token({"role": ["get_available_dates"]}, flowapi_identifier="another")))
    claims = jwt.decode(good, options={"verify_signature": False})
    for audience in (AUDIENCE.lower(), [], [AUDIENCE.lower()], AUDIENCE + "\0", {AUDIENCE: 1}, None, 1):
        token = encoded({"alg": "RS256"}) + "." + encoded(claims | {"aud": audience})
        signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(
            token.encode(), private_key
        )
        refused(send(f"{token}.{encoded(signature)}"))


def test_a_stripped_signature(send: Callable[[str], httpx.Response], good: str) -> None:
    header, claims, signature = good.split(".")
    for token in (
        f"{header}.{claims}.",
        f"{header}.{claims}",
        f"{header}.{claims}.AA",
        f"{header}.{claims}.{signature[:-8]}",
        f"{header}.{claims}.{signature}.{signature}",
        f".{claims}.{signature}",
    ):
        refused(send(token))


def test_keys_and_key_ids_brought_along(
    send: Callable[[str], httpx.Response], good: str, private_key: rsa.RSAPrivateKey
) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = jwt.decode(good, options={"verify_signature": False})
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(stranger.public_key()))
    for headers in (
        {"jwk": jwk},
        {"jwk": jwk, "kid": key_id(stranger)},
        {"jku": "https://attacker.invalid/keys"},
        {"x5u": "https://attacker.invalid/chain"},
        {"x5c": [base64.b64encode(b"a certificate").decode()]},
        {"kid": key_id(private_key)},
        {"kid": "/dev/null"},
        {"kid": "../../../../dev/null"},
        {"kid": "x' UNION SELECT 'secret"},
        {"kid": "a" * 10_000},
        {"crit": ["exp"]},
    ):
        refused(send(jwt.encode(claims, stranger, algorithm="RS256", headers=headers)))
    for odd in (7, ["a"], {"a": 1}):  # the signature is checked all the same
        text = f"{encoded({'alg': 'RS256', 'kid': odd})}.{good.split('.')[1]}"
        refused(send(f"{text}.{good.split('.')[2]}"))


def test_claims_that_inflate_a_thousandfold(
    send: Callable[[str], httpx.Response],
    good: str,
    private_key: rsa.RSAPrivateKey,
    running_server: Served,
) -> None:
    claims = jwt.decode(good, options={"verify_signature": False})
    # As much as fits into a header of 64 kB; FlowAPI gives up after the first million bytes.
    for byte in (b" ", b"["):
        claims["user_claims"] = base64.b64encode(gzip.compress(byte * 30_000_000)).decode()
        before = running_server.resident_bytes()
        for _ in range(5):
            refused(send(jwt.encode(claims, private_key, algorithm="RS256")))
        assert running_server.resident_bytes() - before < MOST_GROWTH


def test_a_bomb_in_a_token_that_nobody_signed(send: Callable[[str], httpx.Response], good: str) -> None:
    claims = jwt.decode(good, options={"verify_signature": False})
    claims["user_claims"] = base64.b64encode(gzip.compress(b"[" * 20_000_000)).decode()
    refused(send(jwt.encode(claims, rsa.generate_private_key(65537, 2048), algorithm="RS256")))


def test_duplicated_headers(http_client: Callable[..., httpx.Client], good: str) -> None:
    client = http_client()
    bearer, other = ("Authorization", f"Bearer {good}"), ("Authorization", "Bearer x.y.z")
    for headers in ([bearer, bearer], [other, bearer], [bearer, other]):
        refused(client.get(DATES, headers=headers))
    refused(client.get(DATES, headers={"Authorization": f"Bearer x.y.z, Bearer {good}"}))


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize("size", [60_000, 100_000])
@pytest.mark.parametrize("name", ["Authorization", "X-Anything"])
def test_oversized_tokens_and_headers(
    http_client: Callable[..., httpx.Client], name: str, size: int, http2: bool
) -> None:
    try:
        response = http_client(http2=http2).get(DATES, headers={name: f"Bearer {'a' * size}"})
    except httpx.HTTPError:
        return  # the connection was closed
    assert response.status_code in (400, 401, 413, 422, 431)


def test_tokens_elsewhere_than_in_the_header(http_client: Callable[..., httpx.Client], good: str) -> None:
    client = http_client()
    for name in ("access_token", "token", "jwt", "Authorization"):
        refused(client.get(DATES, params={name: good}), 401)
        refused(client.get(DATES, headers={"Cookie": f"{name}={good}; access_token_cookie={good}"}), 401)
        refused(client.request("GET", DATES, json={name: good}), 401)
