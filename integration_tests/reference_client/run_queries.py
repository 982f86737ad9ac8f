"""Call flowclient as a notebook would, with whatever release of it this interpreter has.

Reads one JSON object (``url``, ``token``, ``calls``, ``units``) and writes one with everything that came
back, so that the results of two releases can be compared. A call is ``{"function": ..., "arguments": ...}``;
arguments may be calls themselves, of the functions that make specifications.
"""

import asyncio
import json
import sys
from typing import Any

import flowclient
from flowclient import async_client

POLL_SECONDS = 0.05


def value_of(argument: Any) -> Any:
    """Return an argument, with the calls in it made."""
    if isinstance(argument, dict) and "function" in argument:
        function = getattr(flowclient, argument["function"])
        return function(**{name: value_of(value) for name, value in argument["arguments"].items()})
    if isinstance(argument, list):
        return [value_of(item) for item in argument]
    return argument


def query_of(connection: Any, call: dict[str, Any]) -> Any:
    """Return the query of an outermost call."""
    arguments = {name: value_of(value) for name, value in call["arguments"].items()}
    if call["function"] == "make_api_query":
        return connection.make_api_query(**arguments)
    return getattr(flowclient, call["function"])(connection=connection, **arguments)


def frame_content(frame: Any) -> dict[str, Any]:
    """Return columns and rows of a data frame, as JSON can hold them."""
    plain = frame.astype(object)
    return {"columns": list(frame.columns), "rows": plain.where(plain.notna(), None).to_numpy().tolist()}


def in_turn(request: dict[str, Any]) -> dict[str, Any]:
    """Make the calls with the synchronous client, one after the other."""
    connection = flowclient.connect(url=request["url"], token=request["token"])
    results = {}
    for name, call in request["calls"].items():
        query = query_of(connection, call)
        before = query.status
        query.run()
        query.wait_until_ready(poll_interval=POLL_SECONDS, disable_progress=True)
        results[name] = {
            "states": [before, query.status],
            **frame_content(query.get_result(poll_interval=POLL_SECONDS, disable_progress=True)),
        }
        if call["geojson"]:
            results[name]["geojson"] = query.get_result("geojson", POLL_SECONDS, True)
    return {
        "results": results,
        "geography": {
            unit: flowclient.get_geography(connection=connection, aggregation_unit=unit)
            for unit in request["units"]
        },
        "dates": flowclient.get_available_dates(connection=connection),
        "calls_dates": flowclient.get_available_dates(connection=connection, event_types=["calls"]),
        "errors": errors(connection),
    }


def errors(connection: Any) -> dict[str, list[str]]:
    """Return the type and text of what is raised when something is wrong."""
    location = flowclient.daily_location_spec(date="2016-01-01", aggregation_unit="admin3", method="best")
    query = flowclient.spatial_aggregate(connection=connection, locations=location)
    wrong = {
        "method": query.run,
        "unknown": lambda: flowclient.get_result_by_query_id(connection=connection, query_id="no-such-id"),
        "forbidden": lambda: flowclient.get_geography(connection=connection, aggregation_unit="admin9"),
        "token": lambda: flowclient.connect(url=connection.url, token="no token"),
    }
    raised = {}
    for name, function in wrong.items():
        try:
            function()
        except Exception as error:  # noqa: BLE001 - which one it is will be compared
            raised[name] = [type(error).__name__, str(error)]
    return raised


async def at_once(request: dict[str, Any]) -> dict[str, Any]:
    """Make the calls with the asynchronous client, all at the same time."""
    connection = await flowclient.connect_async(url=request["url"], token=request["token"])

    async def result_of(call: dict[str, Any]) -> dict[str, Any]:
        query = query_of(connection, call)
        await query.run()
        frame = await query.get_result(poll_interval=POLL_SECONDS, disable_progress=True)
        found = frame_content(frame)
        if call["geojson"]:
            found["geojson"] = await query.get_result("geojson", POLL_SECONDS, True)
        return found

    calls = request["calls"]
    found = await asyncio.gather(*(result_of(call) for call in calls.values()))
    dates = await async_client.get_available_dates(connection=connection)
    geography = {
        unit: await async_client.get_geography(connection=connection, aggregation_unit=unit)
        for unit in request["units"]
    }
    return {"results": dict(zip(calls, found, strict=True)), "dates": dates, "geography": geography}


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    answer = {
        "version": flowclient.__version__,
        "sync": in_turn(request),
        "async": asyncio.run(at_once(request)),
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
