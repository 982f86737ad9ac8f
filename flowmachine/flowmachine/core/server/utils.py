"""Asking a server from Python, without FlowAPI."""

import asyncio
from typing import Any

import zmq
import zmq.asyncio

FM_EXAMPLE_MESSAGE: dict[str, Any] = {
    "action": "run_query",
    "request_id": "DUMMY_ID",
    "params": {
        "query_kind": "spatial_aggregate",
        "locations": {
            "query_kind": "daily_location",
            "date": "2016-01-01",
            "method": "last",
            "aggregation_unit": "admin3",
        },
    },
}
"""A message to try a server with."""


async def send_zmq_message_and_await_reply(
    msg: dict[str, Any], port: int = 5555, host: str = "localhost", timeout: float = 60
) -> dict[str, Any]:
    """Send a message to a server that asks for no keys, and return its reply.

    Parameters
    ----------
    msg : dict
        With ``action``, ``request_id`` and, for most actions, ``params``.
    port : int, default 5555
    host : str, default "localhost"
    timeout : float, default 60
        Seconds to wait for the reply.

    Raises
    ------
    TimeoutError
        If none comes in time.
    """
    with zmq.asyncio.Context() as context, context.socket(zmq.REQ) as socket:
        socket.linger = 0
        socket.connect(f"tcp://{host}:{port}")
        await socket.send_json(msg)
        if not await socket.poll(round(timeout * 1000)):
            raise TimeoutError(f"No server on {host}:{port} has answered within {timeout} s.")
        reply: dict[str, Any] = await socket.recv_json()
        return reply


def send_zmq_message_and_receive_reply(
    msg: dict[str, Any], port: int = 5555, host: str = "localhost", timeout: float = 60
) -> dict[str, Any]:
    """Do what :func:`send_zmq_message_and_await_reply` does, outside of a running event loop."""
    return asyncio.run(send_zmq_message_and_await_reply(msg, port, host, timeout))
