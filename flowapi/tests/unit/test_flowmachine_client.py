"""Requests to FlowMachine: deadlines, lost connections, and that the next request works."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from recorded_flowmachine import RecordedFlowMachine, success

from flowapi.errors import ApiError
from flowapi.flowmachine_client import FlowMachineClient


@pytest.fixture
async def patient(flowmachine: RecordedFlowMachine) -> AsyncIterator[FlowMachineClient]:
    client = FlowMachineClient("127.0.0.1", flowmachine.port, timeout=0.5, connect_timeout=0.3)
    yield client
    client.close()


async def failure(client: FlowMachineClient, action: str = "ping") -> tuple[int, str]:
    with pytest.raises(ApiError) as raised:
        await client.request(action, request_id="r")
    return raised.value.http_status, raised.value.code


async def test_a_message_and_its_reply(patient: FlowMachineClient, flowmachine: RecordedFlowMachine) -> None:
    flowmachine.answers["poll_query"] = success({"query_state": "queued"}, "hello")
    reply = await patient.request("poll_query", {"query_id": "é"}, request_id="r")
    assert (reply.succeeded, reply.msg, reply.query_state) == (True, "hello", "queued")
    await patient.request("ping", request_id="s")
    assert flowmachine.requests == [
        {"request_id": "r", "action": "poll_query", "params": {"query_id": "é"}},
        {"request_id": "s", "action": "ping"},
    ]


async def test_silence_ends_with_the_deadline_and_spoils_nothing(
    patient: FlowMachineClient, flowmachine: RecordedFlowMachine
) -> None:
    flowmachine.answers["run_query"] = None
    started = time.monotonic()
    assert await failure(patient, "run_query") == (504, "flowmachine_timeout")
    assert time.monotonic() - started < 2
    assert (await patient.request("ping", request_id="r")).msg == "pong"


async def test_a_late_reply_is_not_taken_for_the_next(
    patient: FlowMachineClient, flowmachine: RecordedFlowMachine
) -> None:
    def late(_: object) -> dict[str, object]:
        time.sleep(0.8)
        return success({}, "late")

    flowmachine.answers["run_query"] = late
    assert await failure(patient, "run_query") == (504, "flowmachine_timeout")
    await asyncio.sleep(0.5)
    assert (await patient.request("ping", request_id="r")).msg == "pong"


async def test_nobody_there_then_somebody(flowmachine: RecordedFlowMachine) -> None:
    flowmachine.stop()
    client = FlowMachineClient("127.0.0.1", flowmachine.port, timeout=2, connect_timeout=0.3)
    try:
        assert await failure(client) == (503, "flowmachine_unavailable")
        peer = RecordedFlowMachine(flowmachine.port)
        try:
            assert (await client.request("ping", request_id="r")).msg == "pong"
        finally:
            peer.stop()
        assert await failure(client) == (503, "flowmachine_unavailable")
    finally:
        client.close()


async def test_a_restart_between_requests(flowmachine: RecordedFlowMachine) -> None:
    client = FlowMachineClient("127.0.0.1", flowmachine.port, timeout=5)
    try:
        await client.request("ping", request_id="r")
        flowmachine.stop()
        peer = RecordedFlowMachine(flowmachine.port)
        try:
            assert (await client.request("ping", request_id="r")).msg == "pong"
        finally:
            peer.stop()
    finally:
        client.close()


async def test_a_server_that_dies_while_it_works(flowmachine: RecordedFlowMachine) -> None:
    flowmachine.answers["run_query"] = None
    client = FlowMachineClient("127.0.0.1", flowmachine.port, timeout=30)
    try:
        waiting = asyncio.create_task(client.request("run_query", request_id="r"))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(flowmachine.stop)
        with pytest.raises(ApiError) as raised:
            async with asyncio.timeout(5):
                await waiting
        assert (raised.value.http_status, raised.value.code) == (503, "flowmachine_unavailable")
    finally:
        client.close()


async def test_many_requests_at_once(flowmachine: RecordedFlowMachine) -> None:
    flowmachine.answers["poll_query"] = lambda params: success(params)
    client = FlowMachineClient("127.0.0.1", flowmachine.port, timeout=20, max_in_flight=8)
    try:
        replies = await asyncio.gather(
            *(client.request("poll_query", {"query_id": i}, request_id=str(i)) for i in range(200))
        )
        assert [reply.payload["query_id"] for reply in replies] == list(range(200))
    finally:
        client.close()


async def test_a_request_that_is_given_up(
    patient: FlowMachineClient, flowmachine: RecordedFlowMachine
) -> None:
    flowmachine.answers["run_query"] = None
    waiting = asyncio.create_task(patient.request("run_query", request_id="r"))
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await patient.request("ping", request_id="r")).msg == "pong"
