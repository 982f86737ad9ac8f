"""Specs that ask for very much: answered soon, and without keeping others waiting."""

import asyncio
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from flowmachine.core.execute import Engine
from flowmachine.server.actions import Actions
from flowmachine.server.queries import Queries
from flowmachine.server.transport import Server
from tests.examples import daily_location

FOR_EVER = {"start_date": "2016-01-01", "end_date": "9999-12-31"}
PERIODS = {"start_date": "2016-01-01", "period_length": 1}
MINUTES_TO_9999 = 4_000_000_000


@pytest.fixture
def server(engine: Engine) -> Iterator[Server]:
    with ThreadPoolExecutor(2) as pool:
        yield Server(Actions(engine, Queries(engine.states.client, "costly", threshold=15), pool))


async def ask(server: Server, action: str, **params: Any) -> dict[str, Any]:
    request = {"action": action, "request_id": "R", "params": params}
    return json.loads((await server.answer(json.dumps(request).encode())).encode())


@pytest.mark.parametrize(
    "spec",
    [
        {"query_kind": "unique_subscriber_counts", "aggregation_unit": "admin3", **FOR_EVER},
        {"query_kind": "trips_od_matrix", "aggregation_unit": "admin3", **FOR_EVER},
        {
            "query_kind": "unmoving_counts",
            "locations": {"query_kind": "unique_locations", "aggregation_unit": "admin3", **FOR_EVER},
        },
        {
            "query_kind": "histogram_aggregate",
            "bins": {"n_bins": 10},
            "metric": {"query_kind": "radius_of_gyration", **FOR_EVER},
        },
        {"query_kind": "calendar_activity", **PERIODS, "total_periods": 2_000_000},
        {
            "query_kind": "calendar_activity",
            **PERIODS,
            "period_unit": "minutes",
            "total_periods": MINUTES_TO_9999,
        },
        {"query_kind": "calendar_activity", **PERIODS, "total_periods": 10**30},
        {
            "query_kind": "localised_calendar_activity",
            **PERIODS,
            "total_periods": 2_000_000,
            "reference_location": daily_location(1),
        },
    ],
    ids=lambda spec: f"{spec['query_kind']} {spec.get('total_periods', '')}",
)
async def test_windows_of_thousands_of_years_are_refused(server: Server, spec: dict[str, Any]) -> None:
    """Planning a part for each of three million days took an hour and all memory, unasked for scopes."""
    used = time.process_time()
    for action in ("get_aggregation_unit", "run_query"):
        reply = await ask(server, action, **spec)
        if reply["status"] == "success":  # nothing of it is planned to tell its unit
            assert action == "get_aggregation_unit"
            continue
        assert reply["msg"] == "Unable to create query object."
        cause = reply["payload"]["exception"]
        assert "days; the most are 3660." in cause or "end after the year 9999." in cause
    assert reply["status"] == "error"
    assert time.process_time() - used < 5


@pytest.mark.parametrize(
    "spec",
    [
        {
            "query_kind": "dfs_metric_total_amount",
            "aggregation_unit": "lon-lat",
            "metric": "amount",
            "start_date": "2016-01-01",
            "end_date": "2016-01-03",
        },
        {
            "query_kind": "joined_spatial_aggregate",
            "locations": daily_location(1),
            "method": "avg",
            "metric": {
                "query_kind": "radius_of_gyration",
                "start_date": "2016-01-03",
                "end_date": "2016-01-01",
            },
        },
        {"query_kind": "calendar_activity", **PERIODS, "total_periods": 1, "period_length": 10**20},
    ],
    ids=["unit that this kind has not", "window that runs backwards", "period longer than time"],
)
async def test_specs_whose_fields_do_not_go_together(server: Server, spec: dict[str, Any]) -> None:
    """They were answered as if FlowMachine had failed, without a cause."""
    for action in ("get_aggregation_unit", "run_query"):
        reply = await ask(server, action, **spec)
        assert (reply["status"], reply["msg"]) == ("error", "Unable to create query object.")
        assert reply["payload"]["exception"]


async def test_dummies_that_wait_hold_no_thread(server: Server) -> None:
    """As many as there are threads kept everybody else waiting, for up to an hour."""
    dummy = {"query_kind": "dummy_query", "aggregation_unit": "admin3", "dummy_delay": 10}
    waiting = [
        asyncio.create_task(ask(server, "run_query", **dummy, dummy_param=f"waits-{n}")) for n in range(4)
    ]
    await asyncio.sleep(0)
    assert (await ask(server, "get_aggregation_unit", **dummy, dummy_param="other"))["status"] == "success"
    assert (await ask(server, "run_query", **{**dummy, "dummy_delay": 0}, dummy_param="other"))["payload"]
    assert not any(task.done() for task in waiting)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    refused = await ask(server, "run_query", **{**dummy, "dummy_delay": 3600}, dummy_param="long")
    assert refused["msg"].startswith("Parameter validation failed.")
