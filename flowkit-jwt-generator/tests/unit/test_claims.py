import base64
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit_jwt_generator.claims import (
    MAX_CLAIMS_BYTES,
    ClaimsError,
    compress_claims,
    decompress_claims,
    parse_roles,
    read_claims,
)

VECTOR = "H4sIAAAAAAACA6tWKstMLU8tUrJSiFZKTy2JL0otLs0pUYqtBQCjKf+dGgAAAA==\n"
WRAPPED_VECTOR = """\
H4sIAAAAAAACA32NSwqAMAxEr1KydueuV5FSog2lEFvpT0S8uxHcCe6GmfeYE3qgnTJoNYGnajOV
xhUGBejWEEddNqwB2aL3mTxW+ja/tMPAh+W0yJAiGGFzi/G9lPjYzzN2IXFmsk68Aua6AYGHv9Od
AAAA
"""


@pytest.mark.parametrize("text", [VECTOR, VECTOR.strip(), f" {VECTOR[:10]}\r\n{VECTOR[10:]}"])
def test_vector_decodes(text: str) -> None:
    assert decompress_claims(text) == {"viewer": ["get_result"]}


def test_wrapped_vector_decodes() -> None:
    assert decompress_claims(WRAPPED_VECTOR) == {
        "viewer": [
            "get_result",
            "admin3:spatial_aggregate:spatial_aggregate",
            "admin3:spatial_aggregate:daily_location",
        ],
        "runner": ["run", "get_available_dates"],
    }


def test_vectors_are_reproduced_byte_by_byte() -> None:
    for text in (VECTOR, WRAPPED_VECTOR):
        assert compress_claims(decompress_claims(text)) == text


@given(st.dictionaries(st.text(), st.lists(st.text(), max_size=30)))
def test_round_trip(roles: dict[str, list[str]]) -> None:
    assert decompress_claims(compress_claims(roles)) == roles


def test_text_is_wrapped_standard_base64_and_reproducible() -> None:
    roles = {f"role {i} é": [f"admin{i}:flows:{j}" for j in range(40)] for i in range(40)}
    text = compress_claims(roles)
    lines = text.split("\n")
    assert lines[-1] == "" and all(len(line) == 76 for line in lines[:-2])
    assert gzip.decompress(base64.b64decode(text)) == json.dumps(roles).encode("ascii")
    assert text == compress_claims(roles)
    assert base64.b64decode(text)[3:10] == bytes(5) + b"\x02\x03"  # no flags, no time, best, Unix


def _compressed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%%%",
        "abc",
        base64.b64encode(b"not gzip").decode(),
        base64.b64encode(gzip.compress(b"{}")[:-6] + b"123456").decode(),
        base64.b64encode(gzip.compress(b"{}")[:-6]).decode(),
        _compressed(b"{"),
        _compressed(b"\xff"),
        _compressed(b'["get_result"]'),
        _compressed(b'{"viewer": "get_result"}'),
        _compressed(b'{"viewer": [1]}'),
        _compressed(b"[" * 100_000),
    ],
)
def test_damaged_claims_give_one_clear_error(text: str) -> None:
    with pytest.raises(ClaimsError):
        decompress_claims(text)


def test_claims_that_inflate_beyond_the_limit_are_refused() -> None:
    with pytest.raises(ClaimsError, match="larger"):
        decompress_claims(_compressed(b" " * (50 * MAX_CLAIMS_BYTES)))


@pytest.mark.parametrize("claims", [None, 1, ["run"], {"a": "b"}, {"a": [None]}, {1: []}, {"a": {"b": 1}}])
def test_roles_of_another_shape_are_refused(claims: object) -> None:
    with pytest.raises(ClaimsError):
        parse_roles(claims)
    with pytest.raises(ClaimsError):
        read_claims(claims)


def test_empty_roles_are_valid() -> None:
    assert parse_roles({}) == {}
    assert parse_roles({"a": []}) == {"a": []}


def test_claims_are_read_compressed_or_plain() -> None:
    assert read_claims(VECTOR) == read_claims({"viewer": ["get_result"]}) == {"viewer": ["get_result"]}


def test_decompressing_something_else_than_text_is_refused() -> None:
    with pytest.raises(ClaimsError, match="must be text"):
        decompress_claims(None)  # type: ignore[arg-type]
