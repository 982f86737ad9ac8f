"""Signed lists of revoked tokens: what is read, and what is refused."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from flowkit_jwt_generator.keys import key_id
from flowkit_jwt_generator.revocations import (
    LIST_TYPE,
    RevocationsError,
    read_revocations,
    sign_revocations,
)

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed(key: rsa.RSAPrivateKey, typ: str = LIST_TYPE, algorithm: str = "RS256", **changes: Any) -> str:
    """Sign a good list with some claims changed, None removing one."""
    now = int(time.time())
    claims = {"type": "revocations", "iat": now, "exp": now + 60, "revoked": {}} | changes
    present = {name: value for name, value in claims.items() if value is not None}
    secret: Any = key if algorithm == "RS256" else "x" * 32
    return pyjwt.encode(present, secret, algorithm=algorithm, headers={"typ": typ})


def test_a_list_comes_back_as_it_was_signed(key: rsa.RSAPrivateKey) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    text = sign_revocations({"a": 2, "b": 1}, private_key=key, lifetime=HOUR, now=now)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for keys in ([key], [other, key], [key, other]):
        read = read_revocations(f"{text}\n", {key_id(one): one.public_key() for one in keys})
        assert (read.revoked, read.issued) == ({"a": 2, "b": 1}, int(now.timestamp()))
        assert read.expires == read.issued + 3600


@pytest.mark.parametrize(
    "changes",
    [
        {"typ": "JWT"},
        {"algorithm": "HS256"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"iat": 4102444800},
        {"type": "access"},
        {"revoked": None},
        {"revoked": ["a"]},
        {"revoked": {"a": "tomorrow"}},
        {"revoked": {"a": True}},
    ],
    ids=str,
)
def test_other_things_are_no_lists(key: rsa.RSAPrivateKey, changes: dict[str, Any]) -> None:
    with pytest.raises(RevocationsError):
        read_revocations(signed(key, **changes), {key_id(key): key.public_key()})


@pytest.mark.parametrize("text", ["", "a.b.c", "nothing"])
def test_text_that_is_no_list(key: rsa.RSAPrivateKey, text: str) -> None:
    with pytest.raises(RevocationsError):
        read_revocations(text, {key_id(key): key.public_key()})


def test_a_list_of_somebody_else(key: rsa.RSAPrivateKey) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(RevocationsError, match="Signature verification failed"):
        read_revocations(signed(other), {key_id(key): key.public_key()})
