"""Two FlowMachines on one FlowDB and one Redis: what one has made or makes, the other need not."""

from collections.abc import Iterator

import pytest
from api import Api
from specs import aggregate, daily, dummy, flows, unique_subscribers
from stack import Servers, Stack, running_servers
from superuser import Superuser


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
    spec = unique_subscribers("admin1", start_date="2016-01-02", end_date="2016-01-05")
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


def test_the_other_finishes_what_one_left(
    api: Api, second: Api, second_servers: Servers, superuser: Superuser
) -> None:
    """A server that is told to stop gives up its queries; whoever asks for them next gets them."""
    spec = aggregate(daily("2016-01-04", "admin1", "most-common", event_types=["calls"]))
    with superuser.locked_events():
        query_id = second.start(spec)
        superuser.wait_until_blocked()
        second_servers.flowmachine.kill()
        assert api.get(f"poll/{query_id}").status_code == 202
    assert api.start(spec) == query_id
    assert api.wait(query_id).status_code == 303
    second_servers.flowmachine.start()
    assert second.get(f"poll/{query_id}").status_code == 303


def test_ids_are_the_same_everywhere(api: Api, second: Api) -> None:
    for spec in (aggregate(daily()), dummy("shared"), unique_subscribers()):
        assert api.start(spec) == second.start(spec)
