"""Revoked tokens: every request's token is looked for on lists that are read again every few seconds.

The rule for a list that cannot be read is to fail closed: what was last read goes on to count for a
while, and then no token is accepted until the list can be read again.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import NoReturn

from flowapi import metrics
from flowapi.deny_sources import READ_SECONDS, Source
from flowapi.errors import ApiError
from flowapi.logs import debug_log
from flowapi.revoked_file import DenyListError, Revoked
from flowapi.tokens import TokenError

UNAVAILABLE = "deny_list_unavailable"


class DenyList:
    """What every source lists, as of a few seconds ago.

    Parameters
    ----------
    sources
        Where tokens are listed; a token on one of the lists is revoked.
    interval
        Seconds between two readings, and so until a revocation takes effect.
    max_age
        Seconds for which a list may go unread before no token is accepted.
    """

    def __init__(self, sources: Sequence[Source], *, interval: float, max_age: float) -> None:
        self._sources = sources
        self._interval = interval
        self._max_age = max_age
        self._lists: dict[str, Revoked] = {}
        self._read_at: dict[str, float] = {}
        self._failures: dict[str, str] = {}

    @property
    def configured(self) -> bool:
        """Whether there is any list at all."""
        return bool(self._sources)

    def unavailable(self) -> list[str]:
        """Name the sources whose list is not known, or has not been read for too long."""
        oldest = time.monotonic() - self._max_age
        return [s.name for s in self._sources if self._read_at.get(s.name, float("-inf")) < oldest]

    def check(self, token_id: str | None) -> None:
        """Let a token pass only if it is certain not to be revoked.

        Raises
        ------
        TokenError
            401 if it is revoked; 422 if it has no id and could never be.
        ApiError
            503 if a list is not known.
        """
        if not self._sources:
            return
        if token_id is None:
            raise TokenError(422, 'Token is missing the "jti" claim', "invalid_token")
        if any(token_id in revoked for revoked in self._lists.values()):
            raise TokenError(401, "Token has been revoked", "token_revoked", event="REVOKED_TOKEN")
        if self.unavailable():
            # Where the list is, is the operator's business: their log and health command say it.
            raise ApiError(
                503,
                "It is not known which tokens have been revoked. Try again later.",
                UNAVAILABLE,
                status="error",
                headers={"Retry-After": "5"},
            )

    async def refresh(self) -> None:
        """Read every list; one that cannot be read stays as it was."""
        await asyncio.gather(*map(self._read, self._sources))
        if self._sources and len(self._read_at) == len(self._sources):
            age = time.monotonic() - min(self._read_at.values())
            metrics.show_deny_lists(sum(map(len, self._lists.values())), time.time() - age)

    async def watch(self) -> NoReturn:
        """Read every list again and again."""
        while True:
            await asyncio.sleep(self._interval)
            await self.refresh()

    async def _read(self, source: Source) -> None:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(READ_SECONDS):
                revoked = await source.read()
        except (DenyListError, TimeoutError) as error:
            self._failed(source.name, str(error) or f"no answer within {READ_SECONDS:g} seconds.")
        except Exception as error:  # noqa: BLE001  whatever it was, the next reading must take place
            self._failed(source.name, f"{type(error).__name__}.")
        else:
            self._lists[source.name], self._read_at[source.name] = revoked, begun
            if self._failures.pop(source.name, None) is not None:
                debug_log().error("Deny-list can be read again", source=source.name)

    def _failed(self, name: str, why: str) -> None:
        if self._failures.get(name) != why:
            debug_log().error("Deny-list cannot be read", source=name, why=why)
            self._failures[name] = why
