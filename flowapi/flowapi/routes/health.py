"""Whether FlowAPI, and what it needs, can be used."""

from quart import Blueprint, Response

from flowapi import __version__
from flowapi.errors import json_response
from flowapi.readiness import services_away
from flowapi.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
async def get_health() -> Response:
    """Say whether FlowMachine and FlowDB answer: 200 if both do, else 503."""
    away = await services_away(services())
    states = {
        name: {"status": "unavailable", "code": away[name]} if name in away else {"status": "ok"}
        for name in ("flowmachine", "flowdb")
    }
    body = {"status": "unavailable" if away else "ok", "version": __version__, **states}
    if away:
        body |= {"msg": f"Not available: {', '.join(away)}.", "code": "not_ready"}
    return json_response(body, 503 if away else 200)
