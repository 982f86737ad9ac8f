"""Whether the services behind FlowAPI answer."""

import asyncio
from collections.abc import Awaitable

from flowapi.errors import ApiError
from flowapi.logs import debug_log
from flowapi.services import Services

PING_SECONDS = 3.0
LONGEST_PAUSE = 30.0


async def services_away(services: Services) -> dict[str, str]:
    """Return the services that do not answer, each with the code of what is wrong."""
    names = ("flowmachine", "flowdb")
    codes = await asyncio.gather(
        _failure(services.flowmachine.request("ping", request_id="health", timeout=PING_SECONDS)),
        _failure(services.database.ping()),
    )
    return {name: code for name, code in zip(names, codes, strict=True) if code is not None}


async def _failure(ping: Awaitable[object]) -> str | None:
    try:
        await ping
    except ApiError as error:
        return error.code
    return None


async def watch_start(services: Services) -> None:
    """Say what FlowAPI waits for until every service has answered once; requests meanwhile get 503."""
    pause = 0.5
    said: dict[str, str] = {}
    while away := await services_away(services):
        if away != said:
            debug_log().error("Waiting for services", services=away)
            said = away
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    debug_log().info("Every service answers")
