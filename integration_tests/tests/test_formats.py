"""Results in every form that flowclient has for them, and drawn, from a FlowKit that runs."""

import asyncio
import json
import warnings
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from calls import CALLS
from run_queries import query_of
from signing import Signer
from stack import Stack

import flowclient
from flowclient.errors import FlowclientAccessError

LOCATION = flowclient.daily_location_spec(date="2016-01-01", aggregation_unit="admin3", method="last")
LATER = flowclient.daily_location_spec(date="2016-01-02", aggregation_unit="admin3", method="last")
TITLE = "{http://www.w3.org/2000/svg}title"
Connect = Callable[[str], flowclient.Connection]

each_call = pytest.mark.parametrize("name", CALLS)


@pytest.fixture(params=["sync", "async"])
def connect(request: pytest.FixtureRequest, stack: Stack) -> Connect:
    """Return what connects with a token, by either face of the client."""

    def connected(token: str) -> Any:
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            if request.param == "sync":
                return flowclient.connect(url=stack.url, token=token)
            return flowclient.ASyncConnection(url=stack.url, token=token)

    return connected


def finish(connection: Any, work: Callable[[], Any]) -> Any:
    """Return what comes of work with a connection of either face, and close the connection."""

    async def asynchronously() -> list[Any]:
        async with connection:
            found = work()
            return [await value for value in found] if isinstance(found, list) else [await found]

    if isinstance(connection, flowclient.ASyncConnection):
        results = asyncio.run(asynchronously())
        return results if len(results) > 1 else results[0]
    with connection:
        return work()


def comparable(rows: list[dict[str, Any]]) -> list[str]:
    """Return rows in one order; days and times as JSON has them."""

    def written(value: Any) -> str:
        assert isinstance(value, date), value
        return value.isoformat()

    return sorted(json.dumps(row, default=written, sort_keys=True) for row in rows)


@each_call
def test_tables_hold_what_frames_hold(connect: Connect, token: str, name: str) -> None:
    connection = connect(token)
    query = query_of(connection, CALLS[name])
    frame, table, polars = finish(
        connection,
        lambda: [
            query.get_result(result_format, poll_interval=0.05)
            for result_format in ("pandas", "arrow", "polars")
        ],
    )
    # None, and not the NaN that pandas makes of it.
    expected = comparable(frame.astype(object).where(frame.notna(), None).to_dict("records"))
    assert comparable(table.to_pylist()) == expected
    assert comparable(polars.to_dicts()) == expected


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if call["geojson"]])
def test_geo_data_frames_hold_what_geojson_holds(connect: Connect, token: str, name: str) -> None:
    connection = connect(token)
    query = query_of(connection, CALLS[name])
    frame, collection = finish(
        connection,
        lambda: [
            query.get_result(result_format, poll_interval=0.05) for result_format in ("geopandas", "geojson")
        ],
    )
    assert frame.crs == "EPSG:4326"
    assert len(frame) == len(collection["features"]) > 0
    features = json.loads(frame.to_json())["features"]
    kinds = {feature["geometry"]["type"] for feature in features if feature["geometry"]}
    assert kinds == {feature["geometry"]["type"] for feature in collection["features"] if feature["geometry"]}
    assert set(frame.columns) - {"geometry"} == {
        key for feature in collection["features"] for key in feature["properties"]
    }


def tips(drawn: Any) -> list[str]:
    """Return what a map says where the pointer is over it."""
    return [title.text or "" for title in ElementTree.fromstring(drawn.svg()).iter(TITLE)]  # noqa: S314


def test_a_map_shows_every_region_once(connect: Connect, token: str) -> None:
    connection = connect(token)
    query = flowclient.spatial_aggregate(connection=connection, locations=LOCATION)
    frame, drawn = finish(connection, lambda: [query.get_result(), query.plot(unit="Subscribers")])
    values = [tip.split("Subscribers: ")[1] for tip in tips(drawn)]
    shown = sorted(int(value.replace(",", "")) for value in values if value != "withheld, or none")
    assert shown == sorted(frame["value"]) != []


def test_a_map_shows_every_flow_once(connect: Connect, token: str) -> None:
    connection = connect(token)
    query = flowclient.flows(connection=connection, from_location=LOCATION, to_location=LATER)
    frame, drawn = finish(connection, lambda: [query.get_result(), query.plot(unit="Subscribers")])
    arrows = [tip.split("Subscribers: ")[1] for tip in tips(drawn) if "→" in tip]
    moves = frame[frame["pcod_from"] != frame["pcod_to"]]
    largest = moves["value"].sort_values(ascending=False).head(60)
    assert sorted(int(value.replace(",", "")) for value in arrows) == sorted(largest) != []


def test_a_refusal_names_what_the_token_lacks(connect: Connect, signer: Signer) -> None:
    connection = connect(signer.token({"reader": ["get_result"]}))
    query = flowclient.spatial_aggregate(connection=connection, locations=LOCATION)
    with pytest.raises(FlowclientAccessError, match=r"The token lacks: .*\brun\b") as caught:
        finish(connection, query.run)
    assert "run" in caught.value.missing_scopes
    assert caught.value.status_code == 403


def test_a_refusal_of_an_expired_token_says_since_when(connect: Connect, signer: Signer) -> None:
    connection = connect(signer.token({"reader": ["run"]}, lifetime=timedelta(seconds=-90)))
    query = flowclient.spatial_aggregate(connection=connection, locations=LOCATION)
    with pytest.raises(FlowclientAccessError, match=r"The token of analyst expired at .* UTC: get a new one"):
        finish(connection, query.run)
