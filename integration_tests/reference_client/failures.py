"""What flowclient raises when something is wrong, as type and text."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import flowclient
from flowclient import aggregates, errors

if TYPE_CHECKING:
    from call_everything import Face

MISSING_CHECK = {"event_type": "calls", "check_type": "no_such_check", "event_date": "2016-01-01"}
Attempt = Callable[[], Awaitable[Any]]


async def outcome_of(face: "Face", attempt: Attempt) -> list[Any]:
    """Return the names of the exception's classes and its text, or what came back instead."""
    try:
        value = await asyncio.wait_for(attempt(), timeout=30)
    except Exception as error:  # noqa: BLE001 - which one it is will be compared
        if isinstance(error, errors.FlowclientConnectionError):
            face.remember(errors.FlowclientConnectionError)
        return [[kind.__name__ for kind in type(error).__mro__], str(error)]
    return ["returned", value if isinstance(value, str) else type(value).__name__]


async def failures(face: "Face", connection: Any, request: dict[str, Any]) -> dict[str, list[Any]]:
    """Try everything that must fail."""
    spec, ids = request["spec"], request["ids"]
    denied = {name: await face.connect(request["tokens"][name]) for name in ("expired", "poor", "foreign")}
    attempts: dict[str, Attempt] = {}

    def attempt(name: str, function: str, **named: Any) -> None:
        attempts[name] = lambda: face.ask(function, **{"connection": connection, **named})

    for name, refused in denied.items():
        attempt(f"{name}, get", "get_available_dates", connection=refused)
        attempt(f"{name}, post", "run_query", connection=refused, query_spec=spec)
    attempt("poor, geography", "get_geography", connection=denied["poor"], aggregation_unit="admin3")
    attempt("poor, checks", "get_available_qa_checks", connection=denied["poor"])
    attempt("unit that is not there", "get_geography", aggregation_unit="admin9")
    attempt("unknown id", "get_result_by_query_id", query_id="no-such-id", disable_progress=True)
    attempt("status of an unknown id", "get_status", query_id="no-such-id")
    attempt("check that was not made", "get_qa_check_outcome", **MISSING_CHECK)
    attempt("bad date", "get_qa_check_outcome", **{**MISSING_CHECK, "event_date": "tomorrow"})
    attempt("status of an errored query", "get_status", query_id=ids["errored"])
    attempt("errored query", "get_result_by_query_id", query_id=ids["errored"], disable_progress=True)
    attempt("result of an errored query", "get_json_dataframe", location=f"get/{ids['errored']}")
    attempt("status of a running query", "get_status", query_id=ids["running"])
    attempt("result of a running query", "get_json_dataframe", location=f"get/{ids['running']}")
    attempt("not a query", "run_query", query_spec={})
    attempt("wrong method", "run_query", query_spec=request["wrong"])

    def post_nowhere() -> Awaitable[Any]:
        return face.call(connection.post_json, route="nowhere", data={})

    def bad_histogram() -> Awaitable[Any]:
        spec = aggregates.histogram_aggregate_spec(
            metric=flowclient.event_count_spec(start_date="2016-01-01", end_date="2016-01-02"),
            bins=5,
            range=(1, 50),
        )
        return face.ask("run_query", connection=connection, query_spec=spec)

    async def reassigned() -> None:
        connection.make_api_query(spec).connection = None

    async def unreachable() -> Any:
        nobody = await face.connect(request["tokens"]["good"], url=request["closed"])
        return await face.ask("get_available_dates", connection=nobody)

    async def unreachable_post() -> Any:
        nobody = await face.connect(request["tokens"]["good"], url=request["closed"])
        return await face.ask("run_query", connection=nobody, query_spec=spec)

    attempts |= {
        "post to nowhere": post_nowhere,
        "range of a histogram": bad_histogram,
        "connection reassigned": reassigned,
        "unreachable, get": unreachable,
        "unreachable, post": unreachable_post,
        "no token": lambda: face.connect("no token"),
        "token of nobody": lambda: face.connect(request["tokens"]["nobody"]),
        "format": lambda: face.call(connection.make_api_query(spec).get_result, "shapefile"),
        "never run": lambda: face.call(connection.make_api_query(spec).wait_until_ready),
    }
    return {name: await outcome_of(face, attempted) for name, attempted in attempts.items()}
