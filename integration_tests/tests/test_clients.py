"""The published client of an earlier release and ours get the same from this FlowAPI."""

import asyncio
import csv
import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from calls import CALLS, UNITS
from programs import plain_environment
from run_queries import query_of
from stack import Stack

import flowclient

SCRIPT = Path(__file__).resolve().parents[1] / "reference_client" / "run_queries.py"
Answer = dict[str, Any]

each_call = pytest.mark.parametrize("name", CALLS)


def run_script(python: Path | str, stack: Stack, token: str) -> Answer:
    """Make every call with the client of an interpreter."""
    request = {"url": stack.url, "token": token, "calls": CALLS, "units": UNITS}
    finished = subprocess.run(
        [python, SCRIPT],
        input=json.dumps(request),
        env=plain_environment({}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    # The published client writes responses to stdout when it fails; the answer is the last line.
    answer: Answer = json.loads(finished.stdout.splitlines()[-1])
    return answer


@pytest.fixture(scope="module")
def published(stack: Stack, token: str, reference_client: Path) -> Answer:
    return run_script(reference_client, stack, token)


@pytest.fixture(scope="module")
def ours(stack: Stack, token: str) -> Answer:
    return run_script(sys.executable, stack, token)


@pytest.fixture
def connection(stack: Stack, token: str) -> Iterator[flowclient.Connection]:
    with insecure(), flowclient.connect(url=stack.url, token=token) as connection:
        yield connection


def insecure() -> "warnings.catch_warnings[None]":
    """Accept the warning that a connection without TLS gives."""
    return warnings.catch_warnings(action="ignore", category=UserWarning)


def rows(result: Answer) -> list[str]:
    """Return the rows of a result in one order."""
    return sorted(json.dumps(row) for row in result["rows"])


def features(collection: Answer) -> list[str]:
    """Return the features of a collection in one order, without their numbers, which are those of rows."""
    assert collection["type"] == "FeatureCollection"
    return sorted(json.dumps({**feature, "id": None}, sort_keys=True) for feature in collection["features"])


def test_the_releases_are_those_that_were_meant(published: Answer, ours: Answer) -> None:
    assert published["version"] == "1.34.0"
    assert ours["version"] == flowclient.__version__


@each_call
@pytest.mark.parametrize("face", ["sync", "async"])
def test_results_are_the_same(published: Answer, ours: Answer, name: str, face: str) -> None:
    theirs, own = published[face]["results"][name], ours[face]["results"][name]
    if name != "dummy":
        assert theirs["rows"], "a comparison of nothing"
    assert theirs["columns"] == own["columns"]
    assert rows(theirs) == rows(own)
    assert rows(theirs) == rows(published["sync"]["results"][name])
    if CALLS[name]["geojson"]:
        assert features(theirs["geojson"]) == features(own["geojson"])
        assert theirs["geojson"]["features"]


@each_call
def test_states_are_the_same(published: Answer, ours: Answer, name: str) -> None:
    expected = ["not_running", "completed"]
    assert published["sync"]["results"][name]["states"] == expected
    assert ours["sync"]["results"][name]["states"] == expected


@pytest.mark.parametrize("face", ["sync", "async"])
def test_geography_is_the_same(published: Answer, ours: Answer, face: str) -> None:
    for unit in UNITS:
        theirs = published[face]["geography"][unit]
        assert features(theirs) == features(ours[face]["geography"][unit])
        kinds = {feature["geometry"]["type"] for feature in theirs["features"]}
        assert kinds == ({"Point"} if unit == "lon-lat" else {"MultiPolygon"})
        assert {"pcod"} <= set(theirs["features"][0]["properties"]) or unit == "lon-lat"


@pytest.mark.parametrize("face", ["sync", "async"])
def test_dates_are_the_same(published: Answer, ours: Answer, face: str) -> None:
    days = ["2016-01-01", "2016-01-02", "2016-01-03", "2016-01-04"]
    assert published[face]["dates"] == ours[face]["dates"] == {"calls": days, "sms": days}
    assert published["sync"]["calls_dates"] == ours["sync"]["calls_dates"] == {"calls": days}


def test_errors_are_the_same(published: Answer, ours: Answer) -> None:
    theirs, own = published["sync"]["errors"], ours["sync"]["errors"]
    assert theirs.keys() == own.keys() == {"method", "unknown", "forbidden", "token"}
    # A client may raise a subclass of what the earlier release raised.
    assert theirs["method"][0] == theirs["forbidden"][0] == theirs["token"][0] == "FlowclientConnectionError"
    assert theirs["unknown"][0] == own["unknown"][0] == "FileNotFoundError"
    assert "Must be one of: last, most-common." in theirs["method"][1]
    assert "Must be one of: last, most-common." in own["method"][1]
    assert theirs["forbidden"][1] == "User claims verification failed"
    assert own["forbidden"][1].startswith("User claims verification failed")


@each_call
def test_downloads_agree(connection: flowclient.Connection, ours: Answer, name: str, tmp_path: Path) -> None:
    """A result is the same as a frame, as JSON, as CSV and as GeoJSON."""
    query = query_of(connection, CALLS[name])
    query.run()
    endings = ["json", "csv"] + (["geojson"] if CALLS[name]["geojson"] else [])
    for ending in endings:
        query.download(tmp_path / f"result.{ending}", poll_interval=0.05)
    expected = ours["sync"]["results"][name]
    records = json.loads((tmp_path / "result.json").read_text())["query_result"]
    assert rows({"rows": [list(record.values()) for record in records]}) == rows(expected)
    with (tmp_path / "result.csv").open(newline="") as file:
        header, *lines = list(csv.reader(file)) or [[]]
    if records:
        assert header == expected["columns"]
    as_text = [["" if value is None else str(value) for value in record.values()] for record in records]
    assert sorted(lines) == sorted(as_text)
    if CALLS[name]["geojson"]:
        found = json.loads((tmp_path / "result.geojson").read_text())
        assert features(found) == features(expected["geojson"])
        if CALLS[name]["function"] in ("spatial_aggregate", "unique_subscriber_counts"):
            shown = [[feature["properties"][column] for column in header] for feature in found["features"]]
            assert rows({"rows": shown}) == rows(expected)


async def test_many_queries_at_once_on_one_connection(stack: Stack, token: str, ours: Answer) -> None:
    with insecure():
        connection = await flowclient.connect_async(url=stack.url, token=token)
    async with connection:
        queries = {name: query_of(connection, CALLS[name]) for name in CALLS}
        frames = await asyncio.gather(*(query.get_result(poll_interval=0.05) for query in queries.values()))
    for name, frame in zip(queries, frames, strict=True):
        assert len(frame) == len(ours["sync"]["results"][name]["rows"])
