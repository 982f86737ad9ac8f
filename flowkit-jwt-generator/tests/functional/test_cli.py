import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt as pyjwt
import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from flowkit_jwt_generator import load_public_key
from flowkit_jwt_generator.claims import decompress_claims
from flowkit_jwt_generator.cli import print_token
from flowkit_jwt_generator.keys import private_key_pem
from flowkit_jwt_generator.lifetimes import parse_lifetime

from .conftest import SPEC, serving_spec

SCOPES = SPEC["components"]["securitySchemes"]["token"]["x-security-scopes"]


def run(*arguments: str | bytes, **environment: str | None) -> Result:
    variables = {"PRIVATE_JWT_SIGNING_KEY": None, "FLOWKIT_SECRETS_DIR": "/nonexistent", **environment}
    return CliRunner().invoke(print_token, [*arguments], env=variables)  # type: ignore[list-item]


@pytest.fixture
def spec_file(tmp_path: Path) -> str:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(SPEC))
    return str(path)


def payload(result: Result, public_key: bytes) -> dict:
    assert result.exit_code == 0, result.output
    return pyjwt.decode(
        result.output.strip(), load_public_key(public_key), algorithms=["RS256"], audience="DUMMY"
    )


def test_plain_call_grants_everything(spec_url: str, keypair: tuple[bytes, bytes]) -> None:
    result = run("--username", "U", "--private-key", keypair[0], "--lifetime", "1", "-u", spec_url)
    claims = payload(result, keypair[1])
    assert claims["sub"] == "U"
    assert claims["exp"] - claims["iat"] == 86400
    assert decompress_claims(claims["user_claims"]) == {"universal_role": SCOPES}
    assert result.output.count("\n") == 1


def test_key_is_found_in_file_secret_and_environment(
    spec_file: str, keypair: tuple[bytes, bytes], tmp_path: Path
) -> None:
    key = tmp_path / "PRIVATE_JWT_SIGNING_KEY"
    key.write_bytes(keypair[0])
    base = ("--username", "U", "--lifetime", "12h", "--spec-file", spec_file)
    for result in (
        run(*base, "--private-key-file", str(key)),
        run(*base, FLOWKIT_SECRETS_DIR=str(tmp_path)),
        run(*base, PRIVATE_JWT_SIGNING_KEY=keypair[0].decode()),
    ):
        claims = payload(result, keypair[1])
        assert claims["exp"] - claims["iat"] == 12 * 3600


def test_scopes_and_roles_can_be_selected(
    spec_file: str, keypair: tuple[bytes, bytes], tmp_path: Path
) -> None:
    def granted(*arguments: str) -> dict[str, list[str]]:
        result = run(
            *("--username", "U", "--lifetime", "1", "--spec-file", spec_file, *arguments),
            PRIVATE_JWT_SIGNING_KEY=keypair[0].decode(),
        )
        return decompress_claims(payload(result, keypair[1])["user_claims"])

    assert granted("--scope", "dummy_scope", "--role", "viewer") == {"viewer": ["dummy_scope"]}
    assert granted("--scope", "dummy_admin:*") == {"universal_role": ["dummy_admin:dummy_query:dummy_query"]}
    roles = tmp_path / "roles.json"
    roles.write_text('{"a": ["dummy_scope"], "b": []}')
    assert granted("--roles", str(roles)) == {"a": ["dummy_scope"], "b": []}


@pytest.mark.parametrize(
    ("arguments", "environment", "exit_code", "message"),
    [
        ([], {}, 2, "Missing private key"),
        ([], {"PRIVATE_JWT_SIGNING_KEY": "NOT_A_VALID_KEY"}, 1, "Failed to load key."),
        (["--lifetime", "soon"], None, 2, "is not a lifetime"),
        (["--scope", "nothing*"], None, 1, "No scope of the server matches 'nothing*'"),
        (["--scope", "x", "--roles", "{bad}"], None, 2, "Give either"),
        (["--roles", "{bad}"], None, 1, "bad is not valid JSON"),
        (["--spec-file", "{bad}"], None, 1, "bad is not valid JSON"),
        (["--username", ""], None, 2, "it is empty"),
        (["--roles", "{list}"], None, 1, "Roles must be an object"),
        (["--roles", "{unknown}"], None, 1, "no scopes named: typo"),
        (["--spec-file", "{list}"], None, 1, "is not a FlowAPI specification"),
    ],
)
def test_mistakes_give_one_clear_message(
    spec_file: str,
    keypair: tuple[bytes, bytes],
    tmp_path: Path,
    arguments: list[str],
    environment: dict[str, str] | None,
    exit_code: int,
    message: str,
) -> None:
    for name, content in (("bad", "{"), ("list", "[]"), ("unknown", '{"a": ["typo"]}')):
        (tmp_path / name).write_text(content)
    filled = [str(tmp_path / a.strip("{}")) if a.startswith("{") else a for a in arguments]
    if environment is None:
        environment = {"PRIVATE_JWT_SIGNING_KEY": keypair[0].decode()}
    result = run("--username", "U", "--lifetime", "1", "--spec-file", spec_file, *filled, **environment)
    assert result.exit_code == exit_code
    assert message in result.output
    assert isinstance(result.exception, SystemExit)


def test_unreachable_server_and_missing_address(keypair: tuple[bytes, bytes]) -> None:
    key = keypair[0].decode()
    result = run(
        "--username", "U", "--lifetime", "1", "-u", "http://127.0.0.1:1", PRIVATE_JWT_SIGNING_KEY=key
    )
    assert (result.exit_code, "Could not fetch" in result.output) == (1, True)
    result = run("--username", "U", "--lifetime", "1", PRIVATE_JWT_SIGNING_KEY=key)
    assert (result.exit_code, "Give --flowapi-url" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1", timedelta(1)), ("2d", timedelta(2)), ("12h", timedelta(0, 43200)), ("-5m", timedelta(0, -300))],
)
def test_lifetimes(text: str, expected: timedelta) -> None:
    assert parse_lifetime(text) == expected


@pytest.mark.parametrize("text", ["", "1.5", "1w", "999999999999d"])
def test_wrong_lifetimes(text: str) -> None:
    with pytest.raises(ValueError, match=repr(text)):
        parse_lifetime(text)


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Yield the address of a server with a certificate of a private authority, and the certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    (tmp_path / "tls-key.pem").write_bytes(private_key_pem(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, tmp_path / "tls-key.pem")
    with serving_spec(context) as port:
        yield f"https://localhost:{port}", file


def test_a_private_authority_is_trusted_if_it_is_given(
    tls_server: tuple[str, Path], keypair: tuple[bytes, bytes], tmp_path: Path
) -> None:
    url, certificate = tls_server
    arguments = ("--username", "U", "--lifetime", "1", "-u", url)
    key = keypair[0].decode()
    trusted = run(*arguments, "--ca-certificate", str(certificate), PRIVATE_JWT_SIGNING_KEY=key)
    assert decompress_claims(payload(trusted, keypair[1])["user_claims"]) == {"universal_role": SCOPES}
    refused = run(*arguments, PRIVATE_JWT_SIGNING_KEY=key)
    assert (refused.exit_code, "Could not fetch" in refused.output) == (1, True)
    (tmp_path / "empty.pem").write_text("nothing")
    wrong = run(*arguments, "--ca-certificate", str(tmp_path / "empty.pem"), PRIVATE_JWT_SIGNING_KEY=key)
    assert (wrong.exit_code, "empty.pem holds no certificate" in wrong.output) == (1, True)
