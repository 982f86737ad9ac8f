"""Fixtures of FlowAPI's tests: keys, tokens, an application, a peer that replays FlowMachine's messages."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from quart import Quart
from quart.typing import TestClientProtocol as Client
from recorded_flowmachine import RecordedFlowMachine, success, unknown_id
from sample_queries import FLOWS, PROGRESS, UNITS
from signing import AUDIENCE, Bearer, MakeToken

from flowapi.main import create_app
from flowapi.settings import FlowapiSettings
from flowkit_jwt_generator import generate_token
from flowkit_jwt_generator.keys import public_key_pem

pytest_plugins = ["flowdb.testing"]

Roles = dict[str, list[str]]


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def make_token(private_key: rsa.RSAPrivateKey) -> MakeToken:
    """Return a function from roles to a token that the application accepts."""

    def make(roles: Roles, *, lifetime: timedelta = timedelta(minutes=5), **more: object) -> str:
        arguments = {"flowapi_identifier": AUDIENCE, "username": "TEST_USER", "private_key": private_key}
        return generate_token(**(arguments | {"roles": roles, "lifetime": lifetime} | more))

    return make


@pytest.fixture
def bearer(make_token: MakeToken) -> Bearer:
    """Return a function from the scopes of one role to the header that grants them."""
    return lambda *scopes: {"Authorization": f"Bearer {make_token({'role': list(scopes)})}"}


@pytest.fixture
def flowmachine() -> Iterator[RecordedFlowMachine]:
    peer = RecordedFlowMachine()
    yield peer
    peer.stop()


@pytest.fixture
def settings(private_key: rsa.RSAPrivateKey, flowmachine: RecordedFlowMachine) -> FlowapiSettings:
    """Return settings with the replaying peer, and a FlowDB that is away."""
    return FlowapiSettings(
        identifier=AUDIENCE,
        public_keys=public_key_pem(private_key.public_key()).decode(),
        flowmachine_host="127.0.0.1",
        flowmachine_port=flowmachine.port,
        flowmachine_timeout=5,
        flowdb_host="127.0.0.1",
        flowdb_port=1,
        flowdb_password="unused",
    )


@pytest.fixture
async def app(settings: FlowapiSettings) -> AsyncIterator[Quart]:
    app = create_app(settings)
    async with app.test_app():
        yield app


@pytest.fixture
async def client(app: Quart) -> Client:
    return app.test_client()


@pytest.fixture
def sample_queries(flowmachine: RecordedFlowMachine) -> None:
    """Let the peer know a query with the id Q, and run any."""
    flowmachine.answers |= {
        "get_aggregation_unit": lambda params: success({"aggregation_unit": UNITS[params["query_kind"]]}),
        "run_query": success({"query_id": "Q", "progress": PROGRESS}),
        "get_query_params": lambda params: (
            success({"query_id": "Q", "query_params": FLOWS})
            if params["query_id"] == "Q"
            else unknown_id(params["query_id"])
        ),
    }
