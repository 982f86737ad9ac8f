"""Whether FlowAPI, and what it needs, can be used."""

from quart import Blueprint, Response

from flowapi import __version__
from flowapi.deny_list import UNAVAILABLE
from flowapi.errors import json_response
from flowapi.readiness import services_away
from flowapi.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
async def get_health() -> Response:
    """Say whether FlowMachine and FlowDB answer and revoked tokens are known: 200 if so, else 503."""
    away = await services_away(services())
    names = ["flowmachine", "flowdb"] + ["deny_list"] * services().deny_list.configured
    if services().deny_list.unavailable():
        away["deny_list"] = UNAVAILABLE
    states = {
        name: {"status": "unavailable", "code": away[name]} if name in away else {"status": "ok"}
        for name in names
    }
    body = {"status": "unavailable" if away else "ok", "version": __version__, **states}
    if away:
        body |= {"msg": f"Not available: {', '.join(away)}.", "code": "not_ready"}
    return json_response(body, 503 if away else 200)
