"""Call every public function of flowclient, with whatever release of it this interpreter has.

Reads one JSON object (address, tokens, calls, ids of queries) and writes one: what came back from the
synchronous and the asynchronous face, and which public functions of the package were called. Both faces
run the same lines, so that neither can be forgotten.
"""

import asyncio
import datetime
import importlib
import inspect
import json
import pkgutil
import sys
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from failures import failures
from run_queries import POLL_SECONDS, frame_content

import flowclient
from flowclient import aggregates, async_client, client

QUIET = {"poll_interval": POLL_SECONDS, "disable_progress": True}
CHECK = {"event_type": "calls", "check_type": "count_msisdns"}
PERIOD = {"start_date": "2016-01-01", "end_date": datetime.date(2016, 1, 2)}


class Face:
    """One face of the client: it calls functions, waits where they must be awaited, and remembers them.

    Parameters
    ----------
    module
        ``flowclient.client`` or ``flowclient.async_client``.
    connect
        What makes its connections.
    url
        Of the server.
    """

    def __init__(self, module: ModuleType, connect: Callable[..., Any], url: str) -> None:
        self.module = module
        self.url = url
        self.called: set[int] = set()
        self._connect = connect

    def remember(self, function: Any) -> None:
        """Count a function, method, class or property as called."""
        self.called.add(id(getattr(function, "__func__", function)))

    async def call(self, function: Callable[..., Any], *positional: Any, **named: Any) -> Any:
        """Call a function; return what it gives in the end."""
        result = function(*positional, **named)
        if inspect.isawaitable(result):
            result = await result
        self.remember(function)
        return result

    async def ask(self, name: str, **named: Any) -> Any:
        """Call a function of the module."""
        return await self.call(getattr(self.module, name), **named)

    async def connect(self, token: str, **more: Any) -> Any:
        """Make a connection."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return await self.call(self._connect, **{"url": self.url, "token": token, **more})

    async def status(self, query: Any) -> str:
        """Return the state of a query."""
        status = query.status
        self.remember(inspect.getattr_static(type(query), "status"))
        return str(await status if inspect.isawaitable(status) else status)

    async def value_of(self, argument: Any) -> Any:
        """Return an argument, with the calls in it made."""
        if isinstance(argument, dict) and "function" in argument:
            name = argument["function"]
            function = getattr(flowclient, name, None) or getattr(aggregates, name)
            named = {key: await self.value_of(value) for key, value in argument["arguments"].items()}
            return await self.call(function, **named)
        if isinstance(argument, list):
            return [await self.value_of(item) for item in argument]
        return argument

    async def query_of(self, connection: Any, call: dict[str, Any]) -> Any:
        """Make a query by its aggregate; its parameters must be those that the ``_spec`` function gives."""
        named = {key: await self.value_of(value) for key, value in call["arguments"].items()}
        if call["function"] == "make_api_query":
            query = await self.call(connection.make_api_query, **named)
            self.remember(type(query))
            return query
        query = await self.call(getattr(aggregates, call["function"]), connection=connection, **named)
        spec = await self.call(getattr(aggregates, f"{call['function']}_spec"), **named)
        if query.parameters != spec:
            raise AssertionError(f"{call['function']} and its specification differ")
        return query


async def queries(face: Face, connection: Any, calls: dict[str, Any]) -> dict[str, Any]:
    """Run every query, and fetch its result as a frame and, where it has places, as GeoJSON."""
    results = {}
    for name, call in calls.items():
        query = await face.query_of(connection, call)
        states = [await face.status(query)]
        await face.call(query.run)
        await face.call(query.wait_until_ready, **QUIET)
        states.append(await face.status(query))
        frame = await face.call(query.get_result, **QUIET)
        results[name] = {"parameters": query.parameters, "states": states, **frame_content(frame)}
        if call["geojson"]:
            results[name]["geojson"] = await face.call(query.get_result, "geojson", POLL_SECONDS, True)
        if query.connection is connection:
            face.remember(inspect.getattr_static(type(query), "connection"))
    return results


async def one_query(face: Face, connection: Any, spec: dict[str, Any]) -> dict[str, Any]:
    """Take one query through every function that handles ids and results."""
    query_id = await face.ask("run_query", connection=connection, query_spec=spec)
    of_id = {"connection": connection, "query_id": query_id}
    waited = await face.ask("wait_for_query_to_be_ready", **of_id, **QUIET)
    ready, polled = await face.ask("query_is_ready", **of_id)
    location = await face.ask("get_result_location_from_id_when_ready", **of_id, **QUIET)
    asked = {"connection": connection, "query_spec": spec, "disable_progress": True}
    frames = [
        await face.ask("get_json_dataframe", connection=connection, location=location),
        await face.ask("get_result_by_query_id", **of_id, **QUIET),
        await face.ask("get_result", **asked),
    ]
    collections = [
        await face.ask("get_geojson_result_by_query_id", **of_id, **QUIET),
        await face.ask("get_geojson_result", **asked),
    ]
    return {
        "id": query_id,
        "waited": [waited.status_code, waited.headers["Location"]],
        "ready": [ready, polled.status_code],
        "status": await face.ask("get_status", **of_id),
        "location": location,
        "frames": [frame_content(frame) for frame in frames],
        "collections": collections,
    }


async def facts(face: Face, connection: Any, units: list[str]) -> dict[str, Any]:
    """Ask for geography, days and quality checks."""
    on_day = {"connection": connection, **CHECK, "event_date": datetime.date(2016, 1, 1)}
    in_period = {"connection": connection, **CHECK, **PERIOD}
    only = {"connection": connection, "event_types": ["sms"]}
    return {
        "geography": {
            unit: await face.ask("get_geography", connection=connection, aggregation_unit=unit)
            for unit in units
        },
        "dates": await face.ask("get_available_dates", connection=connection),
        "dates of some": await face.ask(
            "get_available_dates", connection=connection, event_types=["sms", "letters"]
        ),
        "checks": await face.ask("get_available_qa_checks", connection=connection),
        "checks of sms": await face.ask("get_available_qa_checks", **only),
        "checks as a frame": frame_content(
            await face.ask("get_available_qa_checks_df", connection=connection)
        ),
        "checks of sms as a frame": frame_content(await face.ask("get_available_qa_checks_df", **only)),
        "outcome": await face.ask("get_qa_check_outcome", **on_day),
        "outcomes": await face.ask("get_qa_check_outcomes", **in_period),
        "outcomes as a frame": frame_content(await face.ask("get_qa_check_outcomes_df", **in_period)),
    }


async def connections(face: Face, request: dict[str, Any]) -> dict[str, Any]:
    """Make connections in each way, and send requests by hand."""
    factory = flowclient.connect if face.module is client else flowclient.connect_async
    kind = flowclient.Connection if face.module is client else flowclient.ASyncConnection
    tokens = request["tokens"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        connection = await face.call(factory, url=face.url, token=tokens["good"])
    by_class = await face.call(kind, url=face.url, token=tokens["good"], api_version=0, ssl_certificate=True)
    before = str(connection)
    await face.call(connection.update_token, tokens["another"])
    checks = f"qa/{CHECK['event_type']}/{CHECK['check_type']}"
    period = {name: str(day) for name, day in PERIOD.items()}
    return {
        "warnings": [[warning.category.__name__, str(warning.message)] for warning in caught],
        "names": [before, repr(by_class), str(connection)],
        "attributes": [connection.user, connection.api_version, connection.url == face.url],
        "base": str(connection.session.base_url) == f"{face.url}/api/0/",
        "got": (await face.call(connection.get_url, route=checks, params=period)).json(),
        "with a body": (await face.call(connection.get_url, route="available_dates", data={})).status_code,
        "posted": (await face.call(connection.post_json, route="run", data=request["spec"])).status_code,
    }


def members(name: str, owner: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties of a class that are the package's own."""
    own = [kind for kind in owner.__mro__ if kind.__module__.startswith("flowclient")]
    for member in sorted({member for kind in own for member in vars(kind) if not member.startswith("_")}):
        function = inspect.getattr_static(owner, member)
        if callable(function) or isinstance(function, property):
            yield f"{name}.{member}", function


def public_names() -> Iterator[tuple[str, Any]]:
    """Yield every public class, function and method of the package, by each of its names."""
    modules = [flowclient] + [
        importlib.import_module(f"flowclient.{module.name}")
        for module in pkgutil.iter_modules(flowclient.__path__)
        if not module.name.startswith("_")
    ]
    for module in modules:
        for name, value in vars(module).items():
            own = str(getattr(value, "__module__", "")).startswith("flowclient")
            if name.startswith("_") or not callable(value) or not own:
                continue
            yield f"{module.__name__}.{name}", value
            if inspect.isclass(value):
                yield from members(f"{module.__name__}.{name}", value)


async def everything(face: Face, request: dict[str, Any]) -> dict[str, Any]:
    """Do all of it with one face."""
    connection = await face.connect(request["tokens"]["good"])
    return {
        "connections": await connections(face, request),
        "results": await queries(face, connection, request["calls"]),
        "one": await one_query(face, connection, request["spec"]),
        "facts": await facts(face, connection, request["units"]),
        "failures": await failures(face, connection, request),
    }


def main() -> None:
    """Answer the request on standard input."""
    request = json.load(sys.stdin)
    faces = {
        "sync": Face(client, flowclient.connect, request["url"]),
        "async": Face(async_client, flowclient.connect_async, request["url"]),
    }
    answer: dict[str, Any] = {name: asyncio.run(everything(face, request)) for name, face in faces.items()}
    called = set().union(*(face.called for face in faces.values()))
    answer["version"] = flowclient.__version__
    answer["public"] = {name: id(value) in called for name, value in public_names()}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
