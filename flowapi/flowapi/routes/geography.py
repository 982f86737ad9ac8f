"""The shapes of an aggregation unit."""

from quart import Blueprint, Response

from flowapi.access import authenticated, require
from flowapi.encoders import geojson_encoder
from flowapi.errors import ApiError
from flowapi.logs import query_log
from flowapi.permissions import geography_needs
from flowapi.results import stream_response
from flowapi.services import ask_flowmachine, services

blueprint = Blueprint("geography", __name__)


@blueprint.get("/geography/<aggregation_unit>")
@authenticated
async def get_geography(aggregation_unit: str) -> Response:
    """Stream the regions of an aggregation unit as GeoJSON, in longitude and latitude."""
    await require(geography_needs(aggregation_unit))
    query_log().info("get_geography", aggregation_unit=aggregation_unit)
    reply = await ask_flowmachine("get_geography", {"aggregation_unit": aggregation_unit})
    if not reply.succeeded:
        raise ApiError(500, reply.msg or "Internal server error", "flowmachine_error", status="Error")
    if reply.query_state is None:
        raise ApiError(500, "No query state.", "unexpected_reply", status="Error")
    if reply.query_state != "completed":
        raise ApiError(
            500, f"Unexpected query state: {reply.query_state}", "unexpected_reply", status="Error"
        )
    return await stream_response(
        services().database, reply.required("sql"), geojson_encoder(), f"{aggregation_unit}.geojson"
    )
