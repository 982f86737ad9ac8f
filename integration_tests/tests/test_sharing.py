"""Two FlowMachines on one FlowDB and one Redis: what one has made or makes, the other need not."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from api import Api
from definitions import World, released
from specs import aggregate, daily, dummy, event_counts, flows, modal, unique_subscribers
from stack import Servers, Stack, running_servers
from superuser import Superuser

LEASE_SECONDS = 15


@pytest.fixture(scope="module")
def second_servers(stack: Stack) -> Iterator[Servers]:
    with running_servers(stack.flowdb, stack.redis, stack.public_key, stack.logs, "second") as servers:
        yield servers


@pytest.fixture
def second(second_servers: Servers, token: str) -> Iterator[Api]:
    """Yield the second FlowAPI, which asks the second FlowMachine."""
    api = Api(second_servers.url, {"Authorization": f"Bearer {token}"})
    yield api
    api.client.close()


def test_results_are_served_by_the_other(api: Api, second: Api, superuser: Superuser) -> None:
    spec = flows(daily("2016-01-03", "admin2"), daily("2016-01-04", "admin2"))
    rows = api.rows(spec)
    query_id = api.start(spec)
    # By its id, without ever having been sent there.
    assert second.get(f"poll/{query_id}").status_code == 303
    assert second.get(f"get/{query_id}").json()["query_result"] == rows
    made = superuser.stored(query_id)
    assert second.rows(spec) == rows
    assert superuser.stored(query_id) == made


def test_a_query_runs_once(api: Api, second: Api, superuser: Superuser) -> None:
    spec = unique_subscribers("admin1", start_date="2016-01-04", end_date="2016-01-05")
    with superuser.locked_events():
        query_id = api.start(spec)
        superuser.wait_until_blocked()
        assert second.start(spec) == query_id
        for server in (api, second):
            polled = server.get(f"poll/{query_id}")
            assert polled.status_code == 202
            assert polled.json()["progress"]["eligible"] >= 1
            assert server.get(f"get/{query_id}").status_code == 202
        assert superuser.blocked() == 1
    for server in (api, second):
        assert server.wait(query_id).status_code == 303
    assert api.get(f"get/{query_id}").content == second.get(f"get/{query_id}").content
    assert len(superuser.stored(query_id)) == 1


def test_many_clients_at_once_get_the_right_rows(
    api: Api, second: Api, world: World, superuser: Superuser
) -> None:
    """Queries with inputs in common, asked for at the same time at both servers, with nothing stored."""
    days = ("2016-01-01", "2016-01-02", "2016-01-03")
    specs = [
        spec
        for day in days
        for spec in (
            aggregate(daily(day)),
            aggregate(daily(day, method="most-common")),
            aggregate(modal(*days, day)),
            flows(daily(day), modal(*days)),
            unique_subscribers(start_date=day, end_date="2016-01-05"),
            event_counts("day", start_date=day, end_date="2016-01-05"),
        )
    ]
    superuser.forget_results()
    with ThreadPoolExecutor(12) as pool:
        asked = [(spec, pool.submit(server.rows, spec)) for spec in specs for server in (api, second)]
        for spec, rows in asked:
            assert released(rows.result()) == world.released(spec), spec


def test_an_error_is_told_by_the_other(api: Api, second: Api, superuser: Superuser) -> None:
    spec = {"query_kind": "geography", "aggregation_unit": "admin3", "mapping_table": None}
    with superuser.renamed("geography", "admin3"):
        superuser.ask("DELETE FROM cache.cached WHERE class = 'Geography'")
        query_id = api.start(spec)
        cause = api.wait(query_id).json()["msg"]
        response = second.get(f"poll/{query_id}")
        assert (response.status_code, response.json()["msg"]) == (500, cause)
    assert second.rows(spec)
    assert api.get(f"poll/{query_id}").status_code == 303


def test_a_server_dies_while_a_query_runs(
    api: Api, second: Api, second_servers: Servers, superuser: Superuser
) -> None:
    """No wait without an end: when the lease of the dead has run out, whoever was asked takes over."""
    spec = aggregate(daily("2016-01-04", "admin1", "most-common", event_types=["calls"]))
    with superuser.locked_events():
        query_id = second.start(spec)
        superuser.wait_until_blocked()
        second_servers.flowmachine.kill()
        assert api.get(f"poll/{query_id}").status_code == 202
    second_servers.flowmachine.start()
    servers = (api, second)
    assert [server.start(spec) for server in servers] == [query_id] * 2
    began = time.monotonic()
    assert [server.wait(query_id).status_code for server in servers] == [303] * 2
    assert time.monotonic() - began < LEASE_SECONDS + 10
    assert len(superuser.stored(query_id)) == 1


def test_ids_are_the_same_everywhere(api: Api, second: Api) -> None:
    for spec in (aggregate(daily()), dummy("shared"), unique_subscribers()):
        assert api.start(spec) == second.start(spec)
