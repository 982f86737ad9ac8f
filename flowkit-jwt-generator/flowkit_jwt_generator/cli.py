"""The command ``generate-jwt``."""

import json
import ssl
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import click
from pydantic import Field, SecretStr

from flowkit_jwt_generator.api_spec import ApiSpecError, get_security_schemes_from_api_spec, security_schemes
from flowkit_jwt_generator.claims import ClaimsError, Roles, parse_roles
from flowkit_jwt_generator.keys import load_private_key
from flowkit_jwt_generator.lifetimes import parse_lifetime
from flowkit_jwt_generator.settings import ServiceSettings, SettingsError, load_settings
from flowkit_jwt_generator.tokens import generate_token

UNIVERSAL_ROLE = "universal_role"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class SigningSettings(ServiceSettings):
    """The signing key, from its secret file or environment variable."""

    private_key: SecretStr | None = Field(default=None, alias="PRIVATE_JWT_SIGNING_KEY")


def _lifetime(_context: click.Context, _parameter: click.Parameter, value: str) -> timedelta:
    try:
        return parse_lifetime(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _not_empty(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not value:
        raise click.BadParameter("it is empty")
    return value


def _signing_key(text: str | None, file: Path | None) -> str:
    """Return the key's text from the option, the file, the secret or the environment, in this order."""
    if text is not None:
        return text
    if file is not None:
        return file.read_text()
    settings = load_settings(SigningSettings)
    if settings.private_key is None:
        raise click.UsageError(
            "Missing private key: set the secret or environment variable PRIVATE_JWT_SIGNING_KEY, "
            "or give --private-key-file."
        )
    return settings.private_key.get_secret_value()


def _content(file: Path) -> Any:
    """Return what a JSON file holds."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{file} is not valid JSON: {error}") from error


def _trust(ca_certificate: Path | None) -> ssl.SSLContext | bool:
    """Return how to check the server's certificate: with the system's authorities, or with one given."""
    if ca_certificate is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(ca_certificate))
    except ssl.SSLError as error:
        raise click.ClickException(f"{ca_certificate} holds no certificate (PEM): {error.reason}") from error


def _token_scheme(
    flowapi_url: str | None, spec_file: Path | None, ca_certificate: Path | None
) -> dict[str, Any]:
    """Return the audience and scopes published by the server or held in its saved specification."""
    if spec_file is not None:
        return dict(security_schemes(_content(spec_file), str(spec_file))["token"])
    if flowapi_url is None:
        raise click.UsageError("Give --flowapi-url or --spec-file.")
    return dict(get_security_schemes_from_api_spec(flowapi_url, verify=_trust(ca_certificate))["token"])


def _select_roles(
    published: list[str], role: str, patterns: tuple[str, ...], roles_file: Path | None
) -> Roles:
    """Choose what to grant: the roles of a file, or one role with all or some of the published scopes."""
    if roles_file is not None:
        roles = parse_roles(_content(roles_file))
        unknown = sorted({scope for scopes in roles.values() for scope in scopes} - set(published))
        if unknown:
            raise click.ClickException(f"The server has no scopes named: {', '.join(unknown)}.")
        return roles
    for pattern in patterns:
        if not any(fnmatchcase(scope, pattern) for scope in published):
            raise click.ClickException(f"No scope of the server matches '{pattern}'.")
    return {
        role: [
            scope
            for scope in published
            if not patterns or any(fnmatchcase(scope, pattern) for pattern in patterns)
        ]
    }


@click.command()
@click.option(
    "--username", required=True, callback=_not_empty, help="Name of the user (the token's subject)."
)
@click.option(
    "--private-key",
    help="Signing key, PEM or base64 of it. Other users of this machine can see it: prefer a file or the "
    "secret or environment variable PRIVATE_JWT_SIGNING_KEY.",
)
@click.option("--private-key-file", type=_FILE, help="File that holds the signing key.")
@click.option(
    "--lifetime", required=True, callback=_lifetime, help="Days (7), or with a unit: 12h, 30m, 90s."
)
@click.option("--flowapi-url", "-u", help="Address of the FlowAPI server that shall accept the token.")
@click.option("--spec-file", type=_FILE, help="The server's openapi.json, instead of asking the server.")
@click.option("--ca-certificate", type=_FILE, help="Certificate to check the server's with (PEM).")
@click.option(
    "--scope", "scopes", multiple=True, help="Scope to grant, * is allowed; repeatable. [default: all]"
)
@click.option(
    "--role", default=UNIVERSAL_ROLE, show_default=True, help="Name of the role that holds the scopes."
)
@click.option("--roles", "roles_file", type=_FILE, help="JSON file of role names to lists of scopes.")
def print_token(
    username: str,
    private_key: str | None,
    private_key_file: Path | None,
    lifetime: timedelta,
    flowapi_url: str | None,
    spec_file: Path | None,
    ca_certificate: Path | None,
    scopes: tuple[str, ...],
    role: str,
    roles_file: Path | None,
) -> None:
    """Print an access token for a FlowAPI server.

    Without --scope or --roles the token grants everything that the server offers.
    """
    if roles_file is not None and scopes:
        raise click.UsageError("Give either --roles or --scope.")
    try:
        key = load_private_key(_signing_key(private_key, private_key_file))
        scheme = _token_scheme(flowapi_url, spec_file, ca_certificate)
        roles = _select_roles(scheme["x-security-scopes"], role, scopes, roles_file)
    except (ApiSpecError, ClaimsError, SettingsError, OSError) as error:
        raise click.ClickException(str(error)) from error
    except ValueError as error:
        raise click.ClickException(f"{error} {error.__cause__ or ''}".strip()) from error
    click.echo(
        generate_token(
            flowapi_identifier=scheme["x-audience"],
            username=username,
            private_key=key,
            lifetime=lifetime,
            roles=roles,
        )
    )
