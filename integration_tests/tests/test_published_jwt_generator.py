"""Tokens of the published generator are good here, and it reads ours."""

import base64
import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import jwt
import pytest
from api import Api
from programs import console_script, plain_environment
from signing import AUDIENCE, Signer
from specs import aggregate, daily, needed_scopes
from stack import Stack

from flowkit_jwt_generator import load_private_key, load_public_key
from flowkit_jwt_generator.claims import compress_claims, decompress_claims
from flowkit_jwt_generator.keys import private_key_pem
from flowkit_jwt_generator.scopes import squashed_scopes

DIRECTORY = Path(__file__).resolve().parents[1] / "reference_jwt_generator"
BIN = DIRECTORY / ".venv" / "bin"
COMMANDS = {
    "published": BIN / "generate-jwt",
    "ours": console_script("flowkit-jwt-generator", "generate-jwt"),
}
SPEC = aggregate(daily(unit="admin1"))
CLAIMS: list[dict[str, list[str]]] = [
    {},
    {"nobody": []},
    {"viewer": ["get_result"]},
    {f"rôle {i}": [f"admin{i}:flows:kind_{j}" for j in range(50)] for i in range(10)},
]
SCOPES = [[], ["run&S.a", "run&S.b", "get&S.a"], ["get_result&S", "run&S"], ["run", "admin3:flows:flows"]]
Answer = dict[str, Any]

SUITE = """
import os

import pytest
import requests


@pytest.fixture
def flowapi_url():
    return os.environ["FLOWAPI_URL"]


def asked(url, token):
    return requests.get(f"{url}/api/0/available_dates", headers={"Authorization": f"Bearer {token}"})


def test_universal_token(flowapi_url, universal_access_token):
    assert set(asked(flowapi_url, universal_access_token).json()["available_dates"]) == {"calls", "sms"}


def test_builder(flowapi_url, access_token_builder):
    assert asked(flowapi_url, access_token_builder({"a": ["get_available_dates"]})).status_code == 200
    assert asked(flowapi_url, access_token_builder({"a": ["run"]})).status_code == 403


def test_keys(private_key, public_key, private_key_bytes, public_key_bytes):
    assert private_key.public_key().public_numbers() == public_key.public_numbers()
    assert private_key_bytes.startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    assert public_key_bytes.startswith(b"-----BEGIN PUBLIC KEY-----")
"""


@pytest.fixture(scope="module")
def private_key(signer: Signer) -> str:
    return private_key_pem(signer.private_key).decode()


@pytest.fixture(scope="module")
def published(stack: Stack, signer: Signer, token: str, private_key: str, all_scopes: list[str]) -> Answer:
    """Return what the published generator made and read."""
    request = {
        "audience": AUDIENCE,
        "url": stack.url,
        "roles": {"analyst": all_scopes},
        # With every scope in it, a plain token would be larger than the headers that servers take.
        "few roles": {"analyst": ["run", "get_result", *needed_scopes(SPEC)]},
        "private_key": private_key,
        "encoded_private_key": base64.b64encode(private_key.encode()).decode(),
        "public_key": signer.public_key,
        "token": token,
        "claims": [compress_claims(claims) for claims in CLAIMS],
        "scopes": SCOPES,
    }
    finished = subprocess.run(
        [BIN / "python", DIRECTORY / "exchange_tokens.py"],
        input=json.dumps(request),
        env=plain_environment({}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    answer: Answer = json.loads(finished.stdout)
    return answer


def api_with(stack: Stack, token: str) -> Api:
    return Api(stack.url, {"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("form", ["token", "plain token"])
def test_its_tokens_run_queries(stack: Stack, api: Api, published: Answer, form: str) -> None:
    assert published["version"] == "1.34.0"
    theirs = api_with(stack, published["made"][form])
    try:
        assert sorted(map(str, theirs.rows(SPEC))) == sorted(map(str, api.rows(SPEC)))
    finally:
        theirs.client.close()


def test_it_reads_our_tokens(published: Answer, signer: Signer, token: str, all_scopes: list[str]) -> None:
    read = published["read"]
    assert read["payload"] == jwt.decode(
        token, load_public_key(signer.public_key), algorithms=["RS256"], audience=AUDIENCE
    )
    assert read["roles"] == {"everything": all_scopes}
    assert read["claims"] == CLAIMS
    assert read["keys fit"] is True


def test_we_read_its_claims_and_keys(published: Answer, all_scopes: list[str]) -> None:
    made = published["made"]
    assert decompress_claims(made["claims"]) == {"analyst": all_scopes}
    payload = jwt.decode(made["token"], options={"verify_signature": False})
    assert list(payload) == ["iat", "nbf", "jti", "user_claims", "sub", "exp", "aud", "iss"]
    # The JSON is the same to the byte; so are wrapping and gzip's header, but for time and system.
    own, theirs = (
        base64.b64decode(text) for text in (compress_claims({"analyst": all_scopes}), made["claims"])
    )
    assert gzip.decompress(theirs) == gzip.decompress(own)
    assert (theirs[:4], theirs[8]) == (own[:4], own[8])
    assert {len(line) for line in made["claims"].split("\n")[:-2]} == {76}
    assert made["claims"].endswith("\n")
    private, public = made["keys"]
    assert load_private_key(private).public_key() == load_public_key(public)


def test_it_reads_what_the_server_publishes(published: Answer, all_scopes: list[str]) -> None:
    read = published["read"]
    assert read["scopes"] == all_scopes
    assert read["audience"] == AUDIENCE
    assert read["schemes"] == ["token"]
    assert read["squashed"] == [list(squashed_scopes(scopes)) for scopes in SCOPES]


@pytest.mark.parametrize("program", COMMANDS)
@pytest.mark.parametrize("encoded", [False, True])
def test_commands_make_a_token_for_this_server(
    stack: Stack, api: Api, private_key: str, program: str, encoded: bool
) -> None:
    """The published command and ours, called alike."""
    key = base64.b64encode(private_key.encode()).decode() if encoded else private_key
    finished = subprocess.run(
        [COMMANDS[program], "--username", "TEST_USER", "--lifetime", "1", "-u", stack.url],
        env=plain_environment({"PRIVATE_JWT_SIGNING_KEY": key}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    theirs = api_with(stack, finished.stdout.strip())
    try:
        assert sorted(map(str, theirs.rows(SPEC))) == sorted(map(str, api.rows(SPEC)))
    finally:
        theirs.client.close()


def test_our_command_grants_what_is_asked_for(stack: Stack, private_key: str, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(private_key)
    selected = ("--role", "viewer", "--scope", "get_*", "--scope", "admin1:*")
    finished = subprocess.run(
        [
            *(COMMANDS["ours"], "--username", "U", "--lifetime", "8h", "--flowapi-url", stack.url),
            *("--private-key-file", tmp_path / "key.pem", *selected),
        ],
        env=plain_environment({}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    viewer = api_with(stack, finished.stdout.strip())
    try:
        assert viewer.get("available_dates").status_code == 200
        assert viewer.get("geography/admin1").status_code == 200
        assert viewer.get("geography/admin2").status_code == 403
        assert viewer.run(SPEC).status_code == 403
    finally:
        viewer.client.close()


def test_its_pytest_plugin_works_against_this_server(
    stack: Stack, signer: Signer, private_key: str, tmp_path: Path
) -> None:
    (tmp_path / "test_suite.py").write_text(SUITE)
    finished = subprocess.run(
        [BIN / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path],
        env=plain_environment(
            {
                "PRIVATE_JWT_SIGNING_KEY": private_key,
                "PUBLIC_JWT_SIGNING_KEY": signer.public_key,
                "FLOWAPI_IDENTIFIER": AUDIENCE,
                "FLOWAPI_URL": stack.url,
            }
        ),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    assert "3 passed" in finished.stdout
