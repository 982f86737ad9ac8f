"""Requests that change nothing at the server, made again if the server is away for a moment."""

import logging
import os
from collections.abc import Callable
from typing import Any

import httpx

from flowclient._responses import UNKNOWN_AUTHORITY
from flowclient._steps import Pause, Steps
from flowclient.errors import FlowclientUnavailableError

logger: logging.Logger = logging.getLogger(__name__)

# A connection that was idle for long, or a server that is being restarted, is there again soon.
PAUSES = (0.5, 1.5)


def repeatable(request: Callable[[], Any]) -> Steps[Any]:
    """Make a request that changes nothing at the server, a second and third time if need be.

    Only what may pass is tried again: not a request whose time was up, nor a certificate in doubt.
    """
    for pause in PAUSES:
        try:
            return (yield request())
        except FlowclientUnavailableError as error:
            if error.status_code == 504 or not _may_pass(error.__cause__):
                raise
            logger.info("Trying again in %s seconds: %s", pause, error)
        yield Pause(pause)
    return (yield request())


def _may_pass(cause: BaseException | None) -> bool:
    return not isinstance(cause, httpx.TimeoutException) and UNKNOWN_AUTHORITY not in str(cause)


def fetch(connection: Any, route: str, **arguments: Any) -> Steps[httpx.Response]:
    """Get what is at a route, with patience."""
    response: httpx.Response = yield from repeatable(lambda: connection.get_url(route=route, **arguments))
    return response


def fetch_file(connection: Any, route: str, path: str | os.PathLike[str]) -> Steps[None]:
    """Save what is at a route to a file, with patience."""
    yield from repeatable(lambda: connection.download(route=route, path=path))
