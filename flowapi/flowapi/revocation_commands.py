"""The operator's commands ``flowapi revoke`` and ``flowapi revoked``."""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Iterable
from math import inf
from typing import Any, NoReturn

import click
import redis

from flowapi import revoked_file
from flowapi.deny_sources import RedisSource
from flowapi.revoked_file import DenyListError, format_end
from flowapi.settings import RevocationSettings
from flowapi.tokens import TokenError, identify
from flowkit_jwt_generator.keys import verification_keys
from flowkit_jwt_generator.settings import SettingsError, load_settings

NO_LIST = "Set FLOWAPI_REVOKED_TOKENS_FILE or FLOWAPI_REDIS_HOST: there is no list to change."


@click.command()
@click.argument("tokens", nargs=-1, required=True, metavar="TOKEN_OR_ID...")
@click.option("--expires", help="When the tokens given by id end (ISO 8601); without it they stay listed.")
def revoke(tokens: tuple[str, ...], expires: str | None) -> None:
    """Revoke tokens, given by id (the claim jti) or whole; - reads them from standard input.

    Every FlowAPI that reads the same list refuses them within seconds.
    """
    settings = _settings()
    try:
        end = inf if expires is None else revoked_file.parse_end(expires)
    except ValueError:
        _fail(f"'{expires}' is no ISO 8601 time, such as 2030-01-31T00:00:00Z.")
    revoked = dict(_identified(text, settings, end) for text in _texts(tokens))
    _each_list(
        settings,
        lambda path: revoked_file.add(path, revoked),
        lambda source: source.add(revoked),
    )
    for jti in revoked:
        click.echo(f"Revoked {jti}")


@click.command()
@click.option("--init", is_flag=True, help="Make empty lists where there are none; FlowAPI needs them.")
@click.option("--purge", is_flag=True, help="Take tokens that have ended out of the lists.")
def revoked(init: bool, purge: bool) -> None:
    """Show the revoked tokens, and when each ends."""
    settings = _settings()
    if init:
        _each_list(settings, revoked_file.create, lambda source: source.create())
    if purge:
        now = time.time()
        _each_list(settings, lambda path: revoked_file.purge(path, now), lambda source: source.purge())
    found: dict[str, float] = {}

    async def read(source: RedisSource) -> None:
        found.update(await source.read())

    _each_list(settings, lambda path: found.update(revoked_file.read(path)), read)
    for jti, end in sorted(found.items(), key=lambda item: (item[1], item[0])):
        click.echo(f"{jti} {format_end(end)}".rstrip())


def _settings() -> RevocationSettings:
    try:
        settings = load_settings(RevocationSettings)
    except SettingsError as error:
        _fail(str(error), 2)
    if settings.revoked_tokens_file is None and settings.redis_source() is None:
        _fail(NO_LIST, 2)
    return settings


def _texts(tokens: Iterable[str]) -> list[str]:
    """Return the arguments, and for ``-`` the lines of standard input: a command line is no secret."""
    return [
        line.strip()
        for token in tokens
        for line in (sys.stdin if token == "-" else [token])  # noqa: S105  not a password
        if line.strip()
    ]


def _identified(text: str, settings: RevocationSettings, end: float) -> tuple[str, float]:
    """Return a token's id and end; what is no token is taken for an id."""
    if text.count(".") != 2:
        if len(text.split()) != 1 or "#" in text or len(text) > revoked_file.LONGEST_ID:
            _fail(f"'{text}' is no token id.")
        return text, end
    try:
        return identify(text, verification_keys(settings.public_keys))
    except TokenError as error:
        _fail(f"The token cannot be revoked: {error.msg}.")


def _each_list(
    settings: RevocationSettings,
    in_file: Callable[[Any], object],
    in_redis: Callable[[RedisSource], Coroutine[Any, Any, object]],
) -> None:
    """Do something with every list; if it fails with one, do it with the others all the same."""
    failures = []
    if settings.revoked_tokens_file is not None:
        try:
            in_file(settings.revoked_tokens_file)
        except DenyListError as error:
            failures.append(str(error))
    source = settings.redis_source()
    if source is not None:
        try:
            asyncio.run(_and_close(source, in_redis))
        except (DenyListError, redis.RedisError, OSError) as error:
            failures.append(f"{source.name}: {error}")
    if failures:
        _fail("\n".join(failures))


async def _and_close(
    source: RedisSource, action: Callable[[RedisSource], Coroutine[Any, Any, object]]
) -> None:
    try:
        await action(source)
    finally:
        await source.close()


def _fail(msg: str, code: int = 1) -> NoReturn:
    click.echo(msg, err=True)
    sys.exit(code)
