"""A service is away, slow, or goes while it works: a clear answer in time, and then everything works."""

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from api import Api
from specs import Spec, aggregate, daily, dummy, event_counts, flows, unique_subscribers
from stack import FLOWMACHINE_TIMEOUT, Stack
from superuser import Superuser

ANSWER_SECONDS = 8.0


@pytest.fixture(autouse=True)
def _well_afterwards(stack: Stack) -> Iterator[None]:
    yield
    assert stack.is_well()


def unavailable(response: httpx.Response, code: str, status: int = 503) -> None:
    """Check the answer for a service that is away."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.json()["code"] == code
    assert response.json()["msg"]
    assert response.elapsed.total_seconds() < ANSWER_SECONDS
    if status == 503:
        assert int(response.headers["retry-after"]) > 0


def requests_needing_flowmachine(api: Api, query_id: str) -> Iterator[httpx.Response]:
    """Send a request of every kind that FlowMachine has to answer, all at once."""
    paths = (
        f"poll/{query_id}",
        f"get/{query_id}",
        f"get/{query_id}.geojson",
        "geography/admin1",
        "available_dates",
        "qa/",
        "spec/openapi.json",
    )
    with ThreadPoolExecutor(len(paths) + 1) as pool:
        run = pool.submit(api.run, dummy("while-it-is-away"))
        yield from pool.map(api.get, paths)
        yield run.result()


def test_flowmachine_is_down(stack: Stack, api: Api) -> None:
    spec = aggregate(daily(unit="admin2"))
    rows = api.rows(spec)
    query_id = api.start(spec)
    stack.servers.flowmachine.stop()
    try:
        for response in requests_needing_flowmachine(api, query_id):
            unavailable(response, "flowmachine_unavailable")
        health = api.get("health")
        assert (health.status_code, health.json()["flowdb"]) == (503, {"status": "ok"})
        assert api.client.get("/").status_code == 200
    finally:
        stack.servers.flowmachine.start()
    # The result that was there still is, under the id that the client has.
    assert api.get(f"poll/{query_id}").status_code == 303
    assert api.get(f"get/{query_id}").json()["query_result"] == rows
    assert api.rows(flows(daily(unit="admin2"), daily("2016-01-04", unit="admin2")))


def test_flowmachine_does_not_answer(stack: Stack, api: Api) -> None:
    api.start(dummy("before"))
    stack.servers.flowmachine.send_signal(signal.SIGSTOP)
    try:
        response = api.get("available_dates")
    finally:
        stack.servers.flowmachine.send_signal(signal.SIGCONT)
    unavailable(response, "flowmachine_timeout", 504)
    assert response.elapsed.total_seconds() == pytest.approx(FLOWMACHINE_TIMEOUT, abs=2)
    assert api.get("available_dates").json()["available_dates"].keys() == {"calls", "sms"}


def test_redis_is_down(stack: Stack, api: Api, superuser: Superuser) -> None:
    spec, another = (aggregate(daily(day, unit="admin2")) for day in ("2016-01-02", "2016-01-03"))
    rows = api.rows(spec)
    query_id = api.start(spec)
    stack.redis_program.stop()
    try:
        unavailable(api.run(spec), "redis_unavailable")
        unavailable(api.run(another), "redis_unavailable")
        unavailable(api.get(f"poll/{query_id}"), "redis_unavailable")
        unavailable(api.get(f"get/{query_id}"), "redis_unavailable")
        assert api.get("available_dates").status_code == 200
    finally:
        stack.redis_program.start()
    # This Redis has forgotten everything; the results in FlowDB are what counts.
    made = superuser.stored(query_id)
    assert api.start(spec) == query_id
    assert api.wait(query_id, 1).status_code == 303
    assert superuser.stored(query_id) == made
    assert api.get(f"get/{query_id}").json()["query_result"] == rows
    # So does the query that could not be started.
    assert api.rows(another)


def test_flowdb_is_down(stack: Stack, api: Api) -> None:
    spec = aggregate(daily("2016-01-03", unit="admin1"))
    rows = api.rows(spec)
    query_id = api.start(spec)
    stack.stop_flowdb()
    try:
        unavailable(api.run(aggregate(daily("2016-01-04", unit="admin1"))), "flowdb_unavailable")
        unavailable(api.get(f"get/{query_id}"), "flowdb_unavailable")
        unavailable(api.get(f"get/{query_id}.csv"), "flowdb_unavailable")
        unavailable(api.get("geography/admin1"), "flowdb_unavailable")
        unavailable(api.get("available_dates"), "flowdb_unavailable")
        health = api.get("health")
        assert (health.status_code, health.json()["flowmachine"]) == (503, {"status": "ok"})
        assert api.get("spec/openapi.json").status_code == 200
    finally:
        stack.start_flowdb()
    # Nothing but FlowDB was started again.
    assert api.get(f"get/{query_id}").json()["query_result"] == rows
    assert api.get("geography/admin1").status_code == 200
    assert api.rows(aggregate(daily("2016-01-04", unit="admin1")))


def test_flowdb_stops_while_a_query_runs(stack: Stack, api: Api, superuser: Superuser) -> None:
    spec = event_counts("hour", "admin1", start_date="2016-01-02", end_date="2016-01-04", direction="in")
    with superuser.locked_events():
        query_id = api.start(spec)
        superuser.wait_until_blocked()
        stack.stop_flowdb()
        stack.start_flowdb()
    response = api.wait(query_id, 5)
    assert (response.status_code, response.json()["code"]) == (500, "query_errored")
    assert response.json()["msg"]
    assert api.rows(spec)


def test_everything_starts_in_the_wrong_order(stack: Stack, api: Api) -> None:
    """Each service waits for what it needs, and its health command says whether it answers."""
    servers = stack.servers
    assert (servers.flowapi.ask("health"), servers.flowmachine.ask("health")) == (0, 0)
    servers.flowapi.stop()
    servers.flowmachine.stop()
    stack.redis_program.stop()
    stack.stop_flowdb()
    assert servers.flowapi.ask("health") != 0
    assert servers.flowmachine.ask("health") != 0
    servers.flowapi.start()
    with ThreadPoolExecutor(1) as pool:
        started = pool.submit(servers.flowmachine.start)
        assert api.get("health").status_code == 503
        stack.start_flowdb()
        assert not started.done()
        stack.redis_program.start()
        started.result()
    assert api.rows(aggregate(daily("2016-01-02", unit="admin1")))


def test_a_query_that_errors_says_why(api: Api, superuser: Superuser) -> None:
    spec: Spec = {"query_kind": "geography", "aggregation_unit": "admin0"}
    with superuser.renamed("geography", "admin0"):
        query_id = api.start(spec)
        polled = api.wait(query_id)
        fetched = api.get(f"get/{query_id}")
        for response, status in ((polled, 500), (fetched, 403)):
            assert response.status_code == status
            assert response.json()["code"] == "query_errored"
            assert 'relation "geography.admin0" does not exist' in response.json()["msg"]
        assert (polled.json()["status"], fetched.json()["status"]) == ("errored", "Error")
    assert len(api.rows(spec)) == 1


def test_a_result_that_was_dropped(api: Api, superuser: Superuser) -> None:
    spec = aggregate(daily("2016-01-03", unit="admin2", method="most-common"))
    rows = api.rows(spec)
    query_id = api.start(spec)
    superuser.drop_result(query_id)
    response = api.get(f"get/{query_id}")
    assert (response.status_code, response.json()["code"]) == (404, "query_not_running")
    assert sorted(map(str, api.rows(spec))) == sorted(map(str, rows))


def reader(stack: Stack, path: str, token: str) -> socket.socket:
    """Ask for a result over a connection that takes little at a time; return it after the first bytes."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    url = httpx.URL(stack.url)
    connection.settimeout(10)
    connection.connect((url.host, url.port))
    request = f"GET /api/0/{path} HTTP/1.1\r\nHost: {url.host}\r\nAuthorization: Bearer {token}\r\n\r\n"
    connection.sendall(request.encode())
    assert connection.recv(15) == b"HTTP/1.1 200 \r\n"
    return connection


def downloads(superuser: Superuser) -> int:
    """Count FlowAPI's connections to FlowDB that are in the middle of something."""
    statement = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'flowapi' AND state <> 'idle'"
    return int(superuser.ask(statement)[0][0])


def test_clients_leave_in_the_middle(stack: Stack, api: Api, token: str, superuser: Superuser) -> None:
    spec = unique_subscribers("lon-lat", start_date="2016-01-01", end_date="2016-01-02")
    query_id = api.complete(spec)
    whole = api.get(f"get/{query_id}").content
    superuser.enlarge_result(query_id, 10_000)
    readers = [reader(stack, f"get/{query_id}.{kind}", token) for kind in ("json", "csv", "geojson") * 2]
    assert downloads(superuser) == len(readers)
    for connection in readers:
        connection.close()
    deadline = time.monotonic() + 10
    while downloads(superuser) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert downloads(superuser) == 0
    assert len(api.get(f"get/{query_id}").content) > 5_000 * len(whole)
    superuser.drop_result(query_id)


def test_flowdb_stops_in_the_middle_of_a_result(stack: Stack, api: Api, superuser: Superuser) -> None:
    """What was sent must not look whole."""
    spec = unique_subscribers("lon-lat", start_date="2016-01-02", end_date="2016-01-03")
    query_id = api.complete(spec)
    superuser.enlarge_result(query_id, 20_000)
    with (
        api.client.stream("GET", f"/api/0/get/{query_id}.csv") as response,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        assert response.status_code == 200
        for number, _ in enumerate(response.iter_raw()):
            if number == 0:
                stack.stop_flowdb()
    stack.start_flowdb()
    with Api(stack.url, dict(api.client.headers)).client as fresh:
        assert fresh.get(f"/api/0/poll/{query_id}").status_code == 303
    Superuser(stack.flowdb.dsn()).close()
