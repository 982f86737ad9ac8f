"""Every public function of the published flowclient works against this FlowAPI, and as our client's does."""

import contextlib
import functools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from api import Api
from calls import UNITS
from client_failures import CLOSED, EXPECTED, OURS
from every_call import EVERY_CALL
from programs import plain_environment
from signing import Signer
from specs import aggregate, daily, unique_subscribers
from stack import Servers, running_servers
from superuser import Superuser

from flowdb.testing import RunningFlowDB, RunningRedis

SCRIPT = Path(__file__).resolve().parents[1] / "reference_client" / "call_everything.py"
FACES = ("sync", "async")
DAYS = [f"2016-01-0{day}" for day in range(1, 8)]
SPEC = aggregate(daily("2016-01-04", unit="admin1"))
WRONG = aggregate(daily(method="best"))
OTHER_MODULES = {"connection", "async_connection", "api_query", "async_api_query", "errors"}
Answer = dict[str, Any]

each_face = pytest.mark.parametrize("face", FACES)
each_call = pytest.mark.parametrize("name", EVERY_CALL)


@pytest.fixture(scope="module")
def servers(
    flowdb_testdata: RunningFlowDB,
    redis_server: RunningRedis,
    signer: Signer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Servers]:
    """Yield FlowMachine and FlowAPI on the test data set, which has events of every type."""
    logs = tmp_path_factory.mktemp("logs")
    with running_servers(flowdb_testdata, redis_server, signer.public_key, logs, "testdata") as servers:
        yield servers


@pytest.fixture(scope="module")
def document(servers: Servers) -> Answer:
    """Return what the server publishes."""
    with contextlib.closing(Api(servers.url, {}).client) as client:
        published: Answer = client.get("/api/0/spec/openapi.json").json()
    return published


@pytest.fixture(scope="module")
def tokens(signer: Signer, document: Answer) -> dict[str, str]:
    """Return tokens, good ones and others."""
    scopes = document["components"]["securitySchemes"]["token"]["x-security-scopes"]
    sign = functools.partial(signer.token, {"everything": scopes})
    return {
        "good": sign(),
        "another": sign(username="another"),
        "expired": sign(lifetime=timedelta(seconds=-10)),
        "poor": signer.token({"nothing": []}),
        "foreign": sign(flowapi_identifier="elsewhere"),
        "nobody": jwt.encode({}, signer.private_key, algorithm="RS256"),
    }


@pytest.fixture(scope="module")
def superuser(flowdb_testdata: RunningFlowDB) -> Iterator[Superuser]:
    """Yield what only FlowDB's superuser can do, after the results of quality checks were recorded."""
    with contextlib.closing(Superuser(flowdb_testdata.dsn())) as superuser:
        superuser.ask(
            "INSERT INTO etl.post_etl_queries "
            "(cdr_date, cdr_type, type_of_query_or_check, outcome, timestamp) "
            "SELECT cdr_date, cdr_type, checked, '499', now() FROM etl.available_dates, "
            "unnest(ARRAY['count_msisdns', 'count_cells']) AS checked WHERE cdr_type IN ('calls', 'sms')"
        )
        yield superuser


@pytest.fixture(scope="module")
def answers(
    servers: Servers, superuser: Superuser, tokens: dict[str, str], reference_client: Path
) -> dict[str, Answer]:
    """Return what the published client got and what ours got, by "published" and "ours"."""
    api = Api(servers.url, {"Authorization": f"Bearer {tokens['good']}"})
    with contextlib.closing(api.client), superuser.locked_partition("mds_20160107"):
        with superuser.renamed("geography", "admin3"):
            errored = api.start(unique_subscribers(event_types=["mds"]))
            assert api.wait(errored).status_code == 500
        running = api.start(aggregate(daily("2016-01-07", unit="admin1", event_types=["mds"])))
        request = {
            "url": servers.url,
            "closed": CLOSED,
            "tokens": tokens,
            "calls": EVERY_CALL,
            "units": UNITS,
            "spec": SPEC,
            "wrong": WRONG,
            "ids": {"errored": errored, "running": running},
        }
        interpreters = {"published": reference_client, "ours": Path(sys.executable)}
        with ThreadPoolExecutor() as pool:
            found = pool.map(functools.partial(run_script, request=request), interpreters.values())
            return dict(zip(interpreters, found, strict=True))


def run_script(python: Path, request: Answer) -> Answer:
    """Call everything with the client of an interpreter."""
    finished = subprocess.run(
        [python, SCRIPT],
        input=json.dumps(request),
        env=plain_environment({}),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    # The published client writes responses to stdout when it fails; the answer is the last line.
    answer: Answer = json.loads(finished.stdout.splitlines()[-1])
    return answer


@pytest.fixture(scope="module")
def published(answers: dict[str, Answer]) -> Answer:
    return answers["published"]


@pytest.fixture(scope="module")
def ours(answers: dict[str, Answer]) -> Answer:
    return answers["ours"]


def rows(result: Answer) -> list[str]:
    """Return the rows of a result in one order."""
    return sorted(json.dumps(row) for row in result["rows"])


def features(collection: Answer) -> list[str]:
    """Return the features of a collection in one order, without their numbers, which are those of rows."""
    assert collection["type"] == "FeatureCollection"
    return sorted(json.dumps({**feature, "id": None}, sort_keys=True) for feature in collection["features"])


def test_no_public_function_is_left_out(published: Answer) -> None:
    """What the package offers is found at run time: nothing here lists it."""
    assert published["version"] == "1.34.0"
    assert len(published["public"]) > 200
    assert [name for name, called in published["public"].items() if not called] == []


def test_ours_has_every_name_of_the_published_one(published: Answer, ours: Answer) -> None:
    modules = {
        f"flowclient{name}" for name in ("", ".aggregates", ".client", ".async_client", ".query_specs")
    }
    # They are there because that module imports them, and are not of it.
    imported = ("flowclient.aggregates.APIQuery", "flowclient.aggregates.Connection")
    names = {
        name
        for name in published["public"]
        if any(re.match(rf"{module}\.\w+(\.\w+)?$", name) for module in modules)
        and not name.startswith(imported)
        and name.split(".")[1] not in OTHER_MODULES
    }
    assert len(names) > 150
    assert names - ours["public"].keys() == set()


def test_every_exposed_kind_is_run(document: Answer, published: Answer) -> None:
    offered = document["components"]["schemas"]["FlowmachineQuerySchema"]["discriminator"]["mapping"]
    assert len(offered) == 27
    for face in FACES:
        run = {result["parameters"]["query_kind"] for result in published[face]["results"].values()}
        assert run == set(offered)


@each_call
@each_face
def test_results_are_the_same(published: Answer, ours: Answer, face: str, name: str) -> None:
    theirs, own = published[face]["results"][name], ours[face]["results"][name]
    if name != "dummy_query":
        assert theirs["rows"], "a comparison of nothing"
    assert theirs["states"] == own["states"] == ["not_running", "completed"]
    assert theirs["columns"] == own["columns"]
    assert rows(theirs) == rows(own) == rows(published["sync"]["results"][name])
    assert theirs["parameters"] == own["parameters"]
    if EVERY_CALL[name]["geojson"]:
        assert features(theirs["geojson"]) == features(own["geojson"])
        assert theirs["geojson"]["features"] or name == "dummy_query"


@each_face
def test_one_query_by_every_function(published: Answer, ours: Answer, face: str) -> None:
    one = published[face]["one"]
    assert one["waited"] == [303, f"/api/0/get/{one['id']}"]
    assert one["ready"] == [True, 303]
    assert (one["status"], one["location"]) == ("completed", f"get/{one['id']}")
    assert ours[face]["one"]["id"] == one["id"] == published["sync"]["one"]["id"]
    assert ours[face]["one"]["location"] == one["location"]
    frames = [*one["frames"], *ours[face]["one"]["frames"]]
    assert len({json.dumps(rows(frame)) for frame in frames}) == 1 and frames[0]["rows"]
    collections = [*one["collections"], *ours[face]["one"]["collections"]]
    assert len({json.dumps(features(collection)) for collection in collections}) == 1


@each_face
def test_geography_of_each_unit(published: Answer, ours: Answer, face: str) -> None:
    for unit in UNITS:
        theirs = published[face]["facts"]["geography"][unit]
        assert features(theirs) == features(ours[face]["facts"]["geography"][unit])
        kinds = {feature["geometry"]["type"] for feature in theirs["features"]}
        assert kinds == ({"Point"} if unit == "lon-lat" else {"MultiPolygon"})


@each_face
def test_days_and_checks(published: Answer, ours: Answer, face: str) -> None:
    facts = {name: value for name, value in published[face]["facts"].items() if name != "geography"}
    checks = [
        {"cdr_type": kind, "type_of_query_or_check": check}
        for kind in ("calls", "sms")
        for check in ("count_cells", "count_msisdns")
    ]

    def ordered(found: Any) -> list[str]:
        return sorted(json.dumps(item, sort_keys=True) for item in found)

    assert facts["dates"] == dict.fromkeys(("calls", "mds", "sms", "topups"), DAYS)
    assert facts["dates of some"] == {"sms": DAYS}
    assert ordered(facts["checks"]) == ordered(checks)
    assert ordered(facts["checks of sms"]) == ordered(checks[2:])
    for name, expected in (("checks as a frame", checks), ("checks of sms as a frame", checks[2:])):
        frame = facts[name]
        assert ordered(dict(zip(frame["columns"], row, strict=True)) for row in frame["rows"]) == ordered(
            expected
        )
    assert facts["outcome"] == "499"
    outcomes = [
        {"cdr_date": day, "outcome": "499", "type_of_query_or_check": "count_msisdns"} for day in DAYS[:2]
    ]
    assert facts["outcomes"] == outcomes
    frame = facts["outcomes as a frame"]
    assert [dict(zip(frame["columns"], row, strict=True)) for row in frame["rows"]] == outcomes
    for name, value in facts.items():
        assert ours[face]["facts"][name] == value, name


@each_face
def test_connections(published: Answer, ours: Answer, face: str, servers: Servers) -> None:
    made = published[face]["connections"]
    assert made["warnings"] == [["UserWarning", "Communications with this server are NOT SECURE."]]
    analyst = f"analyst@{servers.url} v0"
    assert made["names"] == [analyst, analyst, f"another@{servers.url} v0"]
    assert made["attributes"] == ["another", 0, True]
    assert made["base"] is True
    assert (made["with a body"], made["posted"]) == (200, 202)
    assert made["got"] == published[face]["facts"]["outcomes"]
    assert ours[face]["connections"] == made


@each_face
def test_what_still_runs_says_so(published: Answer, ours: Answer, face: str) -> None:
    for answer in (published, ours):
        failures = answer[face]["failures"]
        assert failures["status of an unknown id"] == ["returned", "not_running"]
        assert failures["status of a running query"] in (["returned", "queued"], ["returned", "executing"])


@each_face
@pytest.mark.parametrize("name", EXPECTED)
def test_failures(published: Answer, ours: Answer, servers: Servers, face: str, name: str) -> None:
    for answer, expected in ((published, EXPECTED[name]), (ours, OURS.get(name, EXPECTED[name]))):
        kinds, text = answer[face]["failures"][name]
        kind, beginning = expected
        # A client may raise a subclass of what the earlier release raised.
        assert kind in kinds if isinstance(kinds, list) else kind == kinds
        assert str(text).startswith(beginning.replace("<url>", servers.url)) or kind == "returned"


@each_face
def test_failures_say_what_the_server_said(published: Answer, ours: Answer, face: str) -> None:
    for answer in (published, ours):
        texts = {name: str(outcome[1]) for name, outcome in answer[face]["failures"].items()}
        assert "Must be one of: last, most-common." in texts["wrong method"]
        for name in ("status of an errored query", "errored query"):
            assert 'relation "geography.admin3" does not exist' in texts[name]
            assert "API returned with status code: 500 and status 'errored'" in texts[name]
        assert 'relation "geography.admin3" does not exist' in texts["result of an errored query"]
        assert "API returned with status code: 400 and status 'bad request'" in texts["bad date"]
    assert published[face]["failures"].keys() == ours[face]["failures"].keys()
    tested = {*EXPECTED, "status of an unknown id", "status of a running query", "result of an errored query"}
    assert published[face]["failures"].keys() == tested
