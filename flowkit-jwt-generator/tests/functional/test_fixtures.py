import pytest

USES_UNIVERSAL_TOKEN = """
import jwt, pytest
from flowkit_jwt_generator.claims import decompress_claims

@pytest.fixture
def flowapi_url():
    return "{url}"

def test_token(universal_access_token, public_key):
    claims = jwt.decode(universal_access_token, public_key, algorithms=["RS256"], audience="SERVER")
    assert claims["sub"] == "test"
    assert claims["exp"] - claims["iat"] == 300
    assert decompress_claims(claims["user_claims"]) == {{
        "universal_role": ["dummy_admin:dummy_query:dummy_query", "dummy_scope"]
    }}
"""

USES_BUILDERS = """
import os, jwt, pytest

def test_keys(private_key, public_key, private_key_bytes, public_key_bytes):
    assert private_key_bytes.decode() == os.environ["PRIVATE_JWT_SIGNING_KEY"]
    assert public_key_bytes.decode() == os.environ["PUBLIC_JWT_SIGNING_KEY"]
    assert private_key.public_key() == public_key

def test_no_audience(access_token_builder, session_access_token_builder, public_key):
    for builder in (access_token_builder, session_access_token_builder):
        with pytest.warns(UserWarning, match="audience"):
            token = builder({"a": ["run"]})
        assert "aud" not in jwt.decode(token, public_key, algorithms=["RS256"])
"""


@pytest.fixture
def keys(keypair: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIVATE_JWT_SIGNING_KEY", keypair[0].decode())
    monkeypatch.setenv("PUBLIC_JWT_SIGNING_KEY", keypair[1].decode())
    monkeypatch.delenv("FLOWAPI_IDENTIFIER", raising=False)


@pytest.mark.usefixtures("keys")
def test_universal_token(pytester: pytest.Pytester, spec_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWAPI_IDENTIFIER", "SERVER")
    pytester.makepyfile(USES_UNIVERSAL_TOKEN.format(url=spec_url))
    pytester.runpytest().assert_outcomes(passed=1)


@pytest.mark.usefixtures("keys")
def test_builders_and_keys(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(USES_BUILDERS)
    pytester.runpytest().assert_outcomes(passed=2)


def test_missing_key_is_one_error(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRIVATE_JWT_SIGNING_KEY", raising=False)
    pytester.makepyfile("def test_token(access_token_builder): pass")
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*PRIVATE_JWT_SIGNING_KEY environment variable must be set.*"])
