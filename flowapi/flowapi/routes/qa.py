"""Outcomes of the quality checks made when data was loaded."""

from datetime import date
from typing import Any

from quart import Blueprint, Response, request

from flowapi.access import authenticated, require
from flowapi.errors import ApiError, json_response
from flowapi.flowmachine_client import flowmachine_error
from flowapi.logs import query_log
from flowapi.permissions import Needs
from flowapi.services import ask_flowmachine

blueprint = Blueprint("qa", __name__)

NEEDS = Needs(frozenset({"get_qa_checks"}))


@blueprint.get("/qa/")
@authenticated
async def list_qa_checks() -> Response:
    """List which checks were made, by event type."""
    await require(NEEDS)
    query_log().info("list_qa_checks")
    reply = await ask_flowmachine("list_qa_checks")
    if not reply.succeeded:
        raise flowmachine_error(reply)
    return json_response(reply.required("available_qa_checks"))


@blueprint.get("/qa/<cdr_type>/<check_id>")
@authenticated
async def get_qa_date_range(cdr_type: str, check_id: str) -> Response:
    """List a check's outcomes between two dates, both included."""
    await require(NEEDS)
    start, end = request.args.get("start_date", ""), request.args.get("end_date", "")
    checks = await _outcomes(cdr_type, check_id, start, end)
    if not checks:
        raise _none_found(f"{cdr_type}, {check_id} between {start} and {end}")
    return json_response(checks)


@blueprint.get("/qa/<cdr_type>/<check_id>/<check_date>")
@authenticated
async def get_qa_on_date(cdr_type: str, check_id: str, check_date: str) -> Response:
    """Return a check's outcome on a date, as text."""
    await require(NEEDS)
    checks = await _outcomes(cdr_type, check_id, check_date, check_date)
    if not checks or checks[0].get("outcome") is None:
        raise _none_found(f"{cdr_type}, {check_id} on {check_date}")
    return Response(str(checks[0]["outcome"]), content_type="text/html; charset=utf-8")


async def _outcomes(cdr_type: str, check_id: str, start: str, end: str) -> list[dict[str, Any]]:
    _require_dates(start, end)
    params = {"cdr_type": cdr_type, "start_date": start, "end_date": end, "check_type": check_id}
    query_log().info("get_qa_checks", **params)
    reply = await ask_flowmachine("get_qa_checks", {**params})
    if not reply.succeeded:
        raise flowmachine_error(reply)
    checks: list[dict[str, Any]] = reply.required("qa_checks")
    return checks


def _require_dates(*texts: str) -> None:
    try:
        for text in texts:
            if date.fromisoformat(text).isoformat() != text:
                raise ValueError(text)
    except ValueError:
        raise ApiError(
            400,
            f"Could not parse {texts[0]} or {texts[-1]}; expected for format is YYYY-MM-DD",
            "invalid_date",
            status="bad request",
        ) from None


def _none_found(what: str) -> ApiError:
    return ApiError(404, f"No qa checks found for {what}", "no_qa_checks", status="not found")
