"""Run a query, poll it, get its result; and which dates have data."""

from typing import Any

import orjson
from quart import Blueprint, Response, request, url_for

from flowapi.access import authenticated, not_a_spec, refused_id, require, require_for_id, require_for_spec
from flowapi.errors import ApiError, json_response
from flowapi.flowmachine_client import Reply, flowmachine_error
from flowapi.formats import FORMATS, accepted_file_type
from flowapi.logs import query_log
from flowapi.permissions import Action, Needs, geography_needs, nested_deeper
from flowapi.results import stream_response
from flowapi.services import account, ask_flowmachine, services

blueprint = Blueprint("query", __name__)

# Kinds nest a few levels; far deeper specs only serve to exhaust somebody's stack.
DEEPEST_SPEC = 100

# Of a text that claims to be a kind, the log keeps no more than this.
LONGEST_KIND = 64


@blueprint.post("/run")
@authenticated
async def run_query() -> Response:
    """Start a query, unless it is running or stored already."""
    spec = await _posted_spec()
    kind = spec["query_kind"]
    account().note(query_kind=kind[:LONGEST_KIND] if isinstance(kind, str) else None)
    await require_for_spec(spec, Action.RUN)
    query_log().info("run_query", query=spec)
    reply = await ask_flowmachine("run_query", spec)
    if reply.status == "error":
        raise ApiError(400, reply.msg, "query_refused", status="Error", extra={"payload": reply.payload})
    if not reply.succeeded:
        raise ApiError(500, f"Unexpected reply status: {reply.status}", "unexpected_reply", status="Error")
    query_id = reply.required("query_id")
    account().note(query_id=query_id)
    return json_response(
        {"query_id": query_id, "progress": reply.required("progress")},
        202,
        {"Location": url_for("query.poll_query", query_id=query_id)},
    )


@blueprint.get("/poll/<query_id>")
@authenticated
async def poll_query(query_id: str) -> Response:
    """Say how far a query is."""
    await require_for_id(query_id, Action.POLL)
    query_log().info("poll_query", query_id=query_id)
    reply = await ask_flowmachine("poll_query", {"query_id": query_id})
    if not reply.succeeded:
        raise refused_id(query_id, reply)
    state = reply.query_state
    if state == "completed":
        location = url_for("query.get_query_result", query_id=query_id)
        return json_response({"status": "completed"}, 303, {"Location": location})
    if state in ("executing", "queued"):
        return json_response({"status": state, "msg": reply.msg, "progress": reply.required("progress")}, 202)
    cause = str(reply.payload.get("error") or reply.msg)
    if state == "errored":
        raise ApiError(500, cause or "The query failed.", "query_errored", status="errored")
    if state == "cancelled":
        raise ApiError(500, cause or "The query was cancelled.", "query_cancelled", status="errored")
    raise ApiError(
        404, cause or "The query is not running. Run it again.", "query_not_running", status="known"
    )


@blueprint.get("/get/<query_id>")
@authenticated
async def get_query_result(query_id: str) -> Response:
    """Stream the result of a query in the format of its file type, the part of the path after the last dot.

    Without one, the Accept header says which.
    """
    query_id, dot, file_type = query_id.rpartition(".") if "." in query_id else (query_id, "", "")
    await require_for_id(query_id, Action.GET)
    file_type = file_type if dot else accepted_file_type()
    query_log().info("get_result", query_id=query_id, filetype=file_type)
    spatial = file_type == "geojson"
    action = "get_geo_sql_for_query_result" if spatial else "get_sql_for_query_result"
    reply = await ask_flowmachine(action, {"query_id": query_id})
    if not reply.succeeded:
        return _no_result(query_id, reply)
    sql = reply.required("sql")
    if spatial:
        await require(geography_needs(reply.required("aggregation_unit")))
    if file_type not in FORMATS:
        raise ApiError(
            400,
            "Invalid file format",
            "invalid_file_format",
            status="error",
            extra={"detail": f"There is no '{file_type}'; there are {', '.join(FORMATS)}."},
        )
    make_encoder = FORMATS[file_type].encoder(query_id)
    response = await stream_response(services().database, sql, make_encoder, f"{query_id}.{file_type}")
    if not dot:
        response.vary.add("Accept")
    return response


def _no_result(query_id: str, reply: Reply) -> Response:
    """Answer why a query has no result; FlowMachine names the query's state if it knows the query."""
    state = reply.query_state
    if state in ("executing", "queued"):
        return json_response({}, 202)
    if state is None:
        raise flowmachine_error(reply)
    if state == "errored":
        raise ApiError(403, reply.msg, "query_errored", status="Error")
    if state in ("awol", "known"):
        code = "unknown_query" if state == "awol" else "query_not_running"
        raise ApiError(404, reply.msg, code, status="Error")
    raise ApiError(500, f"Unexpected query state: {state}", f"query_{state}", status="Error")


@blueprint.get("/available_dates")
@authenticated
async def get_available_dates() -> Response:
    """List the dates that have data, by event type."""
    await require(Needs(frozenset({"get_available_dates"})))
    query_log().info("get_available_dates")
    reply = await ask_flowmachine("get_available_dates")
    if not reply.succeeded:
        raise flowmachine_error(reply)
    return json_response({"available_dates": reply.payload})


async def _posted_spec() -> dict[str, Any]:
    """Read the query spec in the request's body.

    Raises
    ------
    ApiError
        400 if there is none.
    """
    if not request.is_json:
        raise not_a_spec("Send the query as application/json.")
    try:
        spec = orjson.loads(await request.get_data())
    except orjson.JSONDecodeError as error:
        raise not_a_spec(f"The body is not valid JSON: {error}") from error
    if not isinstance(spec, dict) or "query_kind" not in spec:
        raise not_a_spec("A query is a JSON object with a query_kind.")
    if nested_deeper(spec, DEEPEST_SPEC):
        raise not_a_spec(f"A query may have no more than {DEEPEST_SPEC} levels of objects and lists.")
    return spec
