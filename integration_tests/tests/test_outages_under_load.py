"""A service is killed under load: no hang, no wrong answer, and all is well once it is back."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from definitions import World
from load import ANSWERS, Load
from specs import Spec, aggregate, daily, event_counts, flows, unique_subscribers
from stack import Stack, listens
from superuser import Superuser

CLIENTS = 6
DAYS = ("2016-01-01", "2016-01-02", "2016-01-03", "2016-01-04")


@pytest.fixture(scope="module")
def expected(world: World) -> list[tuple[Spec, ANSWERS]]:
    """Return queries with the rows that they must give, computed from the raw events."""
    specs = [
        *(aggregate(daily(day, unit)) for day in DAYS for unit in ("admin1", "admin2")),
        *(flows(daily(day, "admin1"), daily(DAYS[0], "admin1")) for day in DAYS[1:]),
        *(unique_subscribers(unit) for unit in ("admin1", "admin2", "admin3")),
        *(event_counts(interval, "admin1") for interval in ("day", "hour")),
    ]
    return [(spec, world.released(spec)) for spec in specs]


def crash_flowdb(stack: Stack) -> None:
    """Make PostgreSQL end at once, as a crash does: it recovers when it is started again."""
    data = Path(stack.flowdb.environment()["PGDATA"])
    os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
    while (data / "postmaster.pid").exists() or listens(stack.flowdb.port):
        time.sleep(0.05)


OUTAGES: dict[str, tuple[Callable[[Stack], None], Callable[[Stack], None]]] = {
    "flowmachine": (
        lambda stack: stack.servers.flowmachine.kill(),
        lambda stack: stack.servers.flowmachine.start(),
    ),
    "redis": (lambda stack: stack.redis_program.kill(), lambda stack: stack.redis_program.start()),
    "flowdb": (crash_flowdb, Stack.start_flowdb),
}


@pytest.mark.parametrize("service", OUTAGES)
def test_a_service_is_killed_and_comes_back(
    stack: Stack, token: str, superuser: Superuser, expected: list[tuple[Spec, ANSWERS]], service: str
) -> None:
    kill, start = OUTAGES[service]
    superuser.forget_results()
    headers = {"Authorization": f"Bearer {token}"}
    with Load(stack.url, headers, expected, CLIENTS) as load:
        load.wait_for_results(2 * CLIENTS)
        kill(stack)
        try:
            load.wait_for_errors(5 * CLIENTS)
        finally:
            start(stack)
        load.wait_for_results(10 * CLIENTS)
    # FlowAPI is the one that was there before; every query is right, also those that were cut off.
    assert stack.is_well()
    with Load(stack.url, headers, expected, CLIENTS) as load:
        load.wait_for_results(10 * CLIENTS)
    assert set(load.seen) == {"right"}
