"""Whether FlowAPI, and what it needs, can be used."""

import asyncio
from collections.abc import Awaitable

from quart import Blueprint, Response

from flowapi import __version__
from flowapi.errors import ApiError, json_response
from flowapi.services import services

blueprint = Blueprint("health", __name__)

PING_SECONDS = 3.0


@blueprint.get("/health")
async def get_health() -> Response:
    """Say whether FlowMachine and FlowDB answer: 200 if both do, else 503."""
    (flowmachine, flowdb) = await asyncio.gather(
        _state(services().flowmachine.request("ping", request_id="health", timeout=PING_SECONDS)),
        _state(services().database.ping()),
    )
    ready = flowmachine == flowdb == {"status": "ok"}
    body = {
        "status": "ok" if ready else "unavailable",
        "version": __version__,
        "flowmachine": flowmachine,
        "flowdb": flowdb,
    }
    if not ready:
        body |= {"msg": "A service that FlowAPI needs does not answer.", "code": "not_ready"}
    return json_response(body, 200 if ready else 503)


async def _state(ping: Awaitable[object]) -> dict[str, str]:
    try:
        await ping
    except ApiError as error:
        return {"status": "unavailable", "code": error.code}
    return {"status": "ok"}
