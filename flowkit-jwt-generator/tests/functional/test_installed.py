"""The package as others have it: a wheel, its command, and its fixtures in a suite of their own."""

import json
from datetime import timedelta
from pathlib import Path

import jwt as pyjwt
import pytest

from flowkit_jwt_generator import load_public_key
from flowkit_jwt_generator.claims import decompress_claims

from .conftest import SPEC
from .installed import COMPONENT, Project, make_project

SCOPES = SPEC["components"]["securitySchemes"]["token"]["x-security-scopes"]

SUITE = """
import os

import jwt
import pytest
from flowkit_jwt_generator.jwt import decompress_claims


@pytest.fixture
def flowapi_url():
    return os.environ["FLOWAPI_URL"]


def claims_of(token, key):
    return jwt.decode(token, key, algorithms=["RS256"], audience="DUMMY")


def test_universal_token(universal_access_token, public_key):
    claims = claims_of(universal_access_token, public_key)
    assert (claims["sub"], claims["exp"] - claims["iat"]) == ("test", 300)
    assert decompress_claims(claims["user_claims"]) == {
        "universal_role": ["dummy_admin:dummy_query:dummy_query", "dummy_scope"]
    }


def test_builders(access_token_builder, session_access_token_builder, public_key):
    for builder in (access_token_builder, session_access_token_builder):
        claims = claims_of(builder({"a": ["run"]}), public_key)
        assert decompress_claims(claims["user_claims"]) == {"a": ["run"]}


def test_keys(private_key, public_key, private_key_bytes, public_key_bytes):
    assert private_key.public_key() == public_key
    assert private_key_bytes.startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    assert public_key_bytes.startswith(b"-----BEGIN PUBLIC KEY-----")
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("installed"), "cli", "pytest")
    (project.directory / "test_suite.py").write_text(SUITE)
    return project


@pytest.fixture
def variables(keypair: tuple[bytes, bytes], spec_url: str) -> dict[str, str]:
    """Return the variables that the fixtures read."""
    return {
        "PRIVATE_JWT_SIGNING_KEY": keypair[0].decode(),
        "PUBLIC_JWT_SIGNING_KEY": keypair[1].decode(),
        "FLOWAPI_IDENTIFIER": "DUMMY",
        "FLOWAPI_URL": spec_url,
    }


def suite_of(project: Project, **variables: str) -> str:
    """Run the project's tests; return what pytest says in the end."""
    finished = project.run("python", "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", **variables)
    return finished.stdout.splitlines()[-1]


def test_it_is_the_wheel_that_is_imported(project: Project) -> None:
    program = "import flowkit_jwt_generator as p; print(p.__file__, p.__version__)"
    path, version = project.run("python", "-c", program).stdout.split()
    assert version == "2.0.0"
    assert not Path(path).is_relative_to(COMPONENT)
    assert (Path(path).parent / "py.typed").exists()


def test_a_suite_of_its_own_uses_the_fixtures(project: Project, variables: dict[str, str]) -> None:
    assert " 3 passed in " in suite_of(project, **variables)


def test_without_an_identifier_the_universal_token_is_for_the_server_asked(
    project: Project, variables: dict[str, str]
) -> None:
    del variables["FLOWAPI_IDENTIFIER"]
    # The builders have no server to ask; their tokens without an audience are warned of.
    assert " 1 failed, 2 passed in " in suite_of(project, **variables)


def test_without_a_key_each_test_is_an_error(project: Project, variables: dict[str, str]) -> None:
    del variables["PRIVATE_JWT_SIGNING_KEY"]
    assert " 3 errors in " in suite_of(project, **variables)


def test_the_command_prints_a_token(project: Project, keypair: tuple[bytes, bytes], spec_url: str) -> None:
    arguments = ("--username", "U", "--lifetime", "90m", "--role", "viewer", "--scope", "dummy_s*")
    finished = project.run(
        "generate-jwt", *arguments, "-u", spec_url, PRIVATE_JWT_SIGNING_KEY=keypair[0].decode()
    )
    assert (finished.returncode, finished.stderr) == (0, "")
    claims = pyjwt.decode(
        finished.stdout.strip(), load_public_key(keypair[1]), algorithms=["RS256"], audience="DUMMY"
    )
    assert claims["exp"] - claims["iat"] == timedelta(minutes=90).total_seconds()
    assert decompress_claims(claims["user_claims"]) == {"viewer": ["dummy_scope"]}


def test_the_command_reads_key_and_specification_from_files(
    project: Project, keypair: tuple[bytes, bytes], tmp_path: Path
) -> None:
    (tmp_path / "key.pem").write_bytes(keypair[0])
    (tmp_path / "openapi.json").write_text(json.dumps(SPEC))
    files = ("--private-key-file", tmp_path / "key.pem", "--spec-file", tmp_path / "openapi.json")
    finished = project.run("generate-jwt", "--username", "U", "--lifetime", "1", *files)
    assert finished.returncode == 0
    payload = pyjwt.decode(finished.stdout.strip(), options={"verify_signature": False})
    assert decompress_claims(payload["user_claims"]) == {"universal_role": SCOPES}


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["--username", "U"], 2, "Missing option '--lifetime'"),
        (["--username", "U", "--lifetime", "1", "-u", "http://127.0.0.1:1"], 1, "Could not fetch"),
    ],
)
def test_the_command_fails_in_one_line(
    project: Project, keypair: tuple[bytes, bytes], arguments: list[str], exit_code: int, message: str
) -> None:
    finished = project.run("generate-jwt", *arguments, PRIVATE_JWT_SIGNING_KEY=keypair[0].decode())
    assert (finished.returncode, finished.stdout) == (exit_code, "")
    assert message in finished.stderr.splitlines()[-1]
