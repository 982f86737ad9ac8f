"""Where revoked tokens are listed: a file of the operator's, Redis, or a list that the issuer has signed."""

import asyncio
import time
from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Any, Protocol

import httpx
import redis.asyncio
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from flowapi import revoked_file
from flowapi.revoked_file import DenyListError, Revoked
from flowkit_jwt_generator.revocations import Revocations, RevocationsError, read_revocations

READ_SECONDS = 5.0
MAX_LIST_BYTES = 16 * 1024 * 1024

REDIS_KEY = "flowapi:revoked_tokens"
# A Redis that has lost its memory must not look like one that never had a token revoked: an empty
# list still has this member.
REDIS_SENTINEL = "-"


class Source(Protocol):
    """Somewhere that tokens are listed as revoked."""

    name: str

    async def read(self) -> Revoked:
        """Return the list as it is now, or raise `DenyListError`."""


class FileSource:
    """The operator's file, read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path
        self._read: tuple[tuple[int, int, int], Revoked] | None = None

    async def read(self) -> Revoked:
        """Return the list as it is now."""
        # Off the event loop: the file may be on a disk that does not answer.
        return await asyncio.to_thread(self._read_if_changed)

    def _read_if_changed(self) -> Revoked:
        try:
            status = self._path.stat()
        except OSError:
            return revoked_file.read(self._path)  # which says why not
        version = (status.st_mtime_ns, status.st_size, status.st_ino)
        if self._read is None or self._read[0] != version:
            self._read = version, revoked_file.read(self._path)
        return self._read[1]


class RedisSource:
    """A sorted set in Redis: token ids, with the times when the tokens end as their scores.

    Parameters
    ----------
    host, port, password
        Where Redis is.
    """

    def __init__(self, host: str, port: int, password: str | None) -> None:
        self.name = f"Redis at {host}:{port}"
        self._redis = redis.asyncio.Redis(
            host=host,
            port=port,
            password=password,
            decode_responses=True,
            socket_timeout=READ_SECONDS,
            socket_connect_timeout=READ_SECONDS,
        )

    async def read(self) -> Revoked:
        """Return the list as it is now."""
        try:
            members: Any = await self._redis.zrangebyscore(REDIS_KEY, time.time(), inf, withscores=True)
        except (redis.RedisError, OSError) as error:
            raise DenyListError(f"{type(error).__name__}.") from error
        revoked = {str(jti): float(end) for jti, end in members}
        if revoked.pop(REDIS_SENTINEL, None) is None:
            raise DenyListError(f"it has no list {REDIS_KEY!r}: `flowapi revoked --init` makes an empty one.")
        return revoked

    async def create(self) -> None:
        """Make an empty list unless there is one."""
        await self._redis.zadd(REDIS_KEY, {REDIS_SENTINEL: inf})

    async def add(self, revoked: Revoked) -> None:
        """Add tokens, and take those out that have ended."""
        await self.read()  # A list that was lost must not look whole again because of one token.
        await self._redis.zadd(REDIS_KEY, dict(revoked))
        await self.purge()

    async def purge(self) -> int:
        """Take tokens that have ended out; return how many."""
        return int(await self._redis.zremrangebyscore(REDIS_KEY, 0, time.time()))

    async def close(self) -> None:
        """Close the connection."""
        await self._redis.aclose()


class SignedSource:
    """A list that the issuer of tokens has signed, in a file or at a URL.

    Parameters
    ----------
    place
        An ``https:`` or ``http:`` URL, or the path of a file.
    keys
        The keys that tokens are verified with.
    """

    def __init__(self, place: str, keys: Mapping[str, RSAPublicKey]) -> None:
        self.name = place.partition("?")[0]
        self._place = place
        self._keys = keys
        self._text: str | None = None
        self._last: Revocations | None = None

    async def read(self) -> Revoked:
        """Return the list as it is now."""
        text = await self._fetch() if "://" in self._place else await asyncio.to_thread(self._load)
        if text != self._text or self._last is None:
            self._take(text)
        assert self._last is not None  # noqa: S101  just taken
        if time.time() >= self._last.expires:
            raise DenyListError("the list has ended; the issuer has not published a newer one.")
        return self._last.revoked

    def _take(self, text: str) -> None:
        try:
            read = read_revocations(text, self._keys)
        except RevocationsError as error:
            raise DenyListError(str(error)) from error
        if self._last is not None and read.issued < self._last.issued:
            # An old list lacks what was revoked since, whoever put it there.
            raise DenyListError("the list is older than the one before.")
        self._text, self._last = text, read

    def _load(self) -> str:
        try:
            with Path(self._place).open(encoding="ascii") as file:
                return file.read(MAX_LIST_BYTES)
        except (OSError, UnicodeDecodeError) as error:
            raise DenyListError(f"it cannot be read: {type(error).__name__}.") from error

    async def _fetch(self) -> str:
        try:
            async with (
                httpx.AsyncClient(timeout=READ_SECONDS) as client,
                client.stream("GET", self._place) as response,
            ):
                response.raise_for_status()
                body = b""
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MAX_LIST_BYTES:
                        raise DenyListError(f"the list has more than {MAX_LIST_BYTES} bytes.")
                return body.decode("ascii")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeDecodeError) as error:
            raise DenyListError(f"{type(error).__name__}.") from error
