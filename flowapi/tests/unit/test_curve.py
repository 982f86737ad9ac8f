"""An encrypted connection to FlowMachine."""

from collections.abc import Iterator

import pytest
import zmq
from recorded_flowmachine import RecordedFlowMachine

from flowapi.errors import ApiError
from flowapi.flowmachine_client import CurveKeys, FlowMachineClient
from flowapi.settings import FlowapiSettings

SERVER_PUBLIC, SERVER_SECRET = zmq.curve_keypair()
CLIENT_SECRET = zmq.curve_keypair()[1]
KEYS = CurveKeys(SERVER_PUBLIC.decode(), CLIENT_SECRET.decode())


@pytest.fixture
def secured() -> Iterator[RecordedFlowMachine]:
    peer = RecordedFlowMachine(curve_secret_key=SERVER_SECRET)
    yield peer
    peer.stop()


async def ping(peer: RecordedFlowMachine, keys: CurveKeys | None) -> str:
    client = FlowMachineClient("127.0.0.1", peer.port, timeout=3, connect_timeout=0.5, curve=keys)
    try:
        return (await client.request("ping", request_id="r")).msg
    finally:
        client.close()


async def test_a_client_with_keys_is_answered(secured: RecordedFlowMachine) -> None:
    assert await ping(secured, KEYS) == "pong"


async def test_without_keys_or_with_those_of_another_server_there_is_no_connection(
    secured: RecordedFlowMachine,
) -> None:
    another = CurveKeys(zmq.curve_keypair()[0].decode(), CLIENT_SECRET.decode())
    for keys in (None, another):
        with pytest.raises(ApiError) as raised:
            await ping(secured, keys)
        assert (raised.value.http_status, raised.value.code) == (503, "flowmachine_unavailable")
    assert secured.requests == []


def test_the_secret_key_is_not_shown(settings: FlowapiSettings) -> None:
    assert CLIENT_SECRET.decode() not in repr(KEYS)
    given = settings.model_dump(by_alias=True) | {
        "FLOWMACHINE_CURVE_SERVER_PUBLIC_KEY": SERVER_PUBLIC.decode(),
        "FLOWMACHINE_CURVE_CLIENT_SECRET_KEY": CLIENT_SECRET.decode(),
    }
    read = FlowapiSettings.model_validate(given)
    assert read.curve_keys == KEYS
    assert CLIENT_SECRET.decode() not in repr(read)


@pytest.mark.parametrize(
    ("server", "client", "message"),
    [(SERVER_PUBLIC.decode(), None, "go together"), ("short", "short", "has 40 characters")],
)
def test_keys_that_cannot_be_used(
    settings: FlowapiSettings, server: str, client: str | None, message: str
) -> None:
    given = settings.model_dump(by_alias=True) | {
        "FLOWMACHINE_CURVE_SERVER_PUBLIC_KEY": server,
        "FLOWMACHINE_CURVE_CLIENT_SECRET_KEY": client,
    }
    with pytest.raises(ValueError, match=message):
        FlowapiSettings.model_validate(given)
