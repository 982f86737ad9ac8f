"""Packages that add queries, really on the path with their metadata, through a real server."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest
import sqlalchemy as sa
import zmq
from sqlalchemy import Select

from flowdb.testing import RunningFlowDB, RunningRedis, free_port
from flowmachine.api.base import ExposedSpec, QuerySpec
from flowmachine.api.plugins import exposed_kinds
from flowmachine.api.registry import EXPOSED
from flowmachine.core import Query, Table
from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import DisclosureError, disclose
from flowmachine.core.execute import Engine
from flowmachine.core.plugins import PluginError
from tests.country import insert_events, place_of, random_events

SOURCE = Path(__file__).parent.parent / "plug_in"
EVENTS = random_events(seed=4, number=4000, subscribers=300)
SPEC = {
    "query_kind": "mean_events",
    "start_date": "2016-01-01",
    "end_date": "2016-01-02",
    "aggregation_unit": "admin3",
}


@pytest.fixture(autouse=True, scope="module")
def events(superuser: sa.Engine) -> Iterator[None]:
    with superuser.begin() as connection:
        insert_events(connection, EVENTS)
    yield
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))


def install(directory: Path) -> None:
    """Put the plug-in and the metadata that an installer would write into a directory."""
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text())["project"]
    shutil.copy(SOURCE / "flowkit_mean_events.py", directory)
    metadata = directory / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    ((group, entries),) = project["entry-points"].items()
    lines = [f"[{group}]", *(f"{name} = {value}" for name, value in entries.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines))


class Client:
    """A client of a server process."""

    def __init__(self, port: int) -> None:
        self.address = f"tcp://127.0.0.1:{port}"

    def ask(self, action: str, **params: Any) -> dict[str, Any]:
        with zmq.Context() as context, context.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.connect(self.address)
            socket.send_json({"action": action, "request_id": "R", "params": params})
            assert socket.poll(30_000)
            return json.loads(socket.recv())

    def run(self, spec: dict[str, Any]) -> str:
        reply = self.ask("run_query", **spec)
        assert reply["status"] == "success", reply
        query_id = reply["payload"]["query_id"]
        while self.ask("poll_query", query_id=query_id)["payload"]["query_state"] in ("queued", "executing"):
            pass
        return str(query_id)


@pytest.fixture
def client(
    engine: Engine, flowdb_cluster: RunningFlowDB, redis_server: RunningRedis, tmp_path: Path
) -> Iterator[Client]:
    install(tmp_path)
    port = free_port()
    environment = flowdb_cluster.environment() | redis_server.environment()
    server = subprocess.Popen(
        [sys.executable, "-c", "from flowmachine.server.main import main; main()"],
        env={
            **{name: str(value) for name, value in environment.items()},
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(tmp_path),
            "FLOWMACHINE_PORT": str(port),
            "FLOWMACHINE_BIND_HOST": "127.0.0.1",
        },
        stdout=subprocess.DEVNULL,
    )
    yield Client(port)
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=30) == 0


def test_a_plug_in_is_exposed_with_schema_and_redaction(client: Client, superuser: sa.Engine) -> None:
    assert client.ask("get_available_queries")["payload"]["available_queries"][-1] == "mean_events"
    schemas = client.ask("get_query_schemas")["payload"]["query_schemas"]
    assert schemas["FlowmachineQuerySchema"]["discriminator"]["mapping"]["mean_events"].endswith(
        "MeanEventsSpec"
    )
    assert set(schemas["MeanEventsSpec"]["required"]) == {
        "aggregation_unit",
        "end_date",
        "query_kind",
        "start_date",
    }

    reply = client.ask("get_sql_for_query_result", query_id=client.run(SPEC))
    with superuser.connect() as connection:
        found = {row.pcod: float(row.value) for row in connection.exec_driver_sql(reply["payload"]["sql"])}
    assert found == mean_events()

    few = {**SPEC, "hours": {"start_hour": 0, "end_hour": 1}}
    reply = client.ask("get_sql_for_query_result", query_id=client.run(few))
    with superuser.connect() as connection:
        released = {row.pcod for row in connection.exec_driver_sql(reply["payload"]["sql"])}
    assert released < set(found), "places of 15 subscribers and fewer are left out"


EVENING = {"query_kind": "evening_location", "date": "2016-01-01", "aggregation_unit": "admin3"}


def test_a_plug_in_adds_a_kind_that_is_nested_in_others(client: Client, superuser: sa.Engine) -> None:
    schemas = client.ask("get_query_schemas")["payload"]["query_schemas"]
    for union in ("ReferenceLocation", "InputToFlows"):
        reference = schemas[union]["discriminator"]["mapping"]["evening_location"]
        assert {"$ref": reference} in schemas[union]["oneOf"]
        assert schemas[reference.rpartition("/")[2]]["properties"]["query_kind"]["enum"] == [
            "evening_location"
        ]
    assert "evening_location" not in client.ask("get_available_queries")["payload"]["available_queries"]

    counts = {"query_kind": "spatial_aggregate", "locations": EVENING}
    reply = client.ask("get_sql_for_query_result", query_id=client.run(counts))
    with superuser.connect() as connection:
        found = {row.pcod: row.value for row in connection.exec_driver_sql(reply["payload"]["sql"])}
    assert found == evening_counts()

    flows = {
        "query_kind": "flows",
        "from_location": EVENING,
        "to_location": {**EVENING, "date": "2016-01-02"},
    }
    assert client.run(flows)
    alone = client.ask("run_query", **EVENING)
    assert alone["payload"]["validation_error_messages"] == {
        "query_kind": ["Unsupported value: evening_location"]
    }
    wrong = client.ask("run_query", **{**counts, "locations": {**EVENING, "date": None}})
    assert wrong["payload"]["validation_error_messages"] == {
        "locations": {"date": ["Field may not be null."]}
    }


def evening_counts() -> dict[str, int]:
    """Count subscribers by the place of their last event of the evening, ties by the order of places."""
    visits: dict[str, list[tuple[float, str]]] = {}
    for who, when, cell, _, _ in EVENTS:
        place = place_of(cell, when.date(), 3) if when.day == 1 and when.hour >= 18 else None
        if place:
            visits.setdefault(who, []).append((-when.timestamp(), place))
    places = [min(of_one)[1] for of_one in visits.values()]
    return {place: places.count(place) for place in places if places.count(place) > 15}


def mean_events() -> dict[str, float]:
    by_place: dict[str, list[str]] = {}
    for who, when, cell, _, _ in EVENTS:
        place = place_of(cell, when.date(), 3) if when.day == 1 else None
        if place:
            by_place.setdefault(place, []).append(who)
    return {
        place: pytest.approx(len(people) / len(set(people)))
        for place, people in by_place.items()
        if len(set(people)) > 15
    }


def test_a_wrong_spec_of_a_plug_in_is_answered_as_any_other(client: Client) -> None:
    reply = client.ask("run_query", **{**SPEC, "aggregation_unit": "admin9", "colour": "red"})
    assert reply["payload"]["validation_error_messages"] == {
        "aggregation_unit": ["Must be one of: admin0, admin1, admin2, admin3, lon-lat."],
        "colour": ["Unknown field."],
    }


def test_stored_queries_of_a_plug_in_are_rebuilt_where_it_is_installed(
    client: Client, connection_settings: str, tmp_path: Path
) -> None:
    client.run(SPEC)
    program = (
        "import sys, json, flowmachine\n"
        "from flowmachine.core import Query\n"
        "flowmachine.connect(**json.loads(sys.stdin.read()))\n"
        "sys.stdout.write(' '.join(sorted(type(q).__name__ for q in Query.get_stored())))\n"
    )

    def names(path: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", program],
            input=connection_settings,
            env={"PYTHONPATH": path},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    assert names(str(tmp_path)) == "AdminSpatialUnit Redacted"
    assert names(str(SOURCE)) == "AdminSpatialUnit"  # without its metadata nobody knows of the plug-in


@pytest.fixture
def connection_settings(flowdb_cluster: RunningFlowDB, redis_server: RunningRedis) -> str:
    environment = flowdb_cluster.environment() | redis_server.environment()
    return json.dumps(
        {
            "flowdb_host": environment["FLOWDB_HOST"],
            "flowdb_port": int(environment["FLOWDB_PORT"]),
            "flowdb_password": environment["FLOWMACHINE_FLOWDB_PASSWORD"],
            "redis_host": environment["REDIS_HOST"],
            "redis_port": int(environment["REDIS_PORT"]),
            "redis_password": environment["REDIS_PASSWORD"],
        }
    )


class Individuals(ExposedSpec):
    """A kind that publishes what it should not."""

    query_kind: Literal["individuals"]

    def build(self) -> Query:
        """Return the subscribers themselves."""
        return Unsaid()


@attrs.frozen(eq=False, slots=False, repr=False)
class Unsaid(Query):
    """A query that does not say that it reads events."""

    def select(self, using: Compilation) -> Select[Any]:
        """Return every subscriber."""
        calls = sa.table("calls", sa.column("msisdn"), schema="events").alias("c")
        inner = sa.select(calls.c.msisdn).where(calls.c.msisdn.is_not(None)).subquery("inside")
        return sa.select(inner.c.msisdn)


def test_a_plug_in_that_does_not_say_that_it_reads_events_is_found_out() -> None:
    (kind,) = exposed_kinds([], [("It", Individuals)])
    with pytest.raises(DisclosureError, match="individuals"):
        kind(query_kind="individuals").expose(15)
    with pytest.raises(DisclosureError, match="individuals"):
        disclose(Table("events.calls", columns="msisdn"), 15)
    with pytest.raises(DisclosureError, match="individuals"):
        disclose(Table("events.calls", columns="msisdn").random_sample(size=1, seed=0), 15)
    regions = Table("geography.admin3", columns="admin3pcod")
    assert disclose(regions, 15) is regions


class Loud(Individuals):
    """A kind that would decide itself what may be published."""

    query_kind: Literal["loud"]

    def expose(self, threshold: int) -> Query:
        """Publish everything."""
        return self.build()


class Again(Individuals):
    """A kind of a name that there is."""

    query_kind: Literal["flows"]


class Aimless(QuerySpec):
    """A kind that can be used nowhere."""

    query_kind: Literal["aimless"]


class Nowhere(Aimless):
    """A kind for a union that there is not."""

    nests_in = ("Anything",)


class Daily(QuerySpec):
    """A nested kind of a name that there is."""

    query_kind: Literal["daily_location"]
    nests_in = ("ReferenceLocation",)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Loud, r"overrides expose\(\)"),
        (Again, "adds the kind 'flows', which there is already"),
        (Nowhere, "nests in Anything; the unions of kinds are .*ReferenceLocation"),
        (Aimless, "neither exposed nor nested"),
        (Daily, "adds the kind 'daily_location', which there is already"),
        (type("Flows", (Individuals,), {"__module__": __name__}), "schema Flows"),
    ],
)
def test_a_plug_in_cannot_take_what_is_not_its_own(kind: type[QuerySpec], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        exposed_kinds(EXPOSED, [("The plug-in 'x'", kind)])


def test_query_classes_and_modules_of_plug_ins_are_not_exposed() -> None:
    assert exposed_kinds(EXPOSED, [("A class", Unsaid), ("A module", json)]) == EXPOSED


def test_a_plug_in_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    install(tmp_path)
    (tmp_path / "flowkit_mean_events.py").write_text("import nowhere_to_be_found")
    done = subprocess.run(
        [sys.executable, "-c", "import flowmachine.api.registry"],
        env={"PYTHONPATH": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert "The plug-in 'evening_location' of flowkit-mean-events 1.0" in done.stderr.splitlines()[-1]
    assert "cannot be loaded: No module named 'nowhere_to_be_found'" in done.stderr.splitlines()[-1]
