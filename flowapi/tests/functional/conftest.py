"""Fixtures with a real FlowDB, and FlowAPI served by its own command."""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from recorded_flowmachine import RecordedFlowMachine, success, unknown_id
from serving import Served, served
from signing import AUDIENCE

from flowapi.settings import FlowapiSettings
from flowdb.testing import RunningFlowDB
from flowkit_jwt_generator.keys import public_key_pem

MOST_GROWTH = 64 * 1024 * 1024
"""Bytes by which an attack may let the server grow."""


@pytest.fixture(scope="session")
def flowmachine() -> Iterator[RecordedFlowMachine]:
    peer = RecordedFlowMachine()
    yield peer
    peer.stop()


@pytest.fixture(scope="session")
def settings(
    flowmachine: RecordedFlowMachine, flowdb_cluster: RunningFlowDB, private_key: rsa.RSAPrivateKey
) -> FlowapiSettings:
    """Return settings with a FlowDB that is there."""
    return FlowapiSettings(
        identifier=AUDIENCE,
        public_keys=public_key_pem(private_key.public_key()).decode(),
        flowmachine_host="127.0.0.1",
        flowmachine_port=flowmachine.port,
        flowdb_host=flowdb_cluster.host,
        flowdb_port=flowdb_cluster.port,
        flowdb_password=flowdb_cluster.flowapi_password,
    )


@pytest.fixture
def result(flowmachine: RecordedFlowMachine) -> Callable[[str], None]:
    """Return a function that makes the peer hold a result, read by a statement."""
    spec = {"query_kind": "dummy_query", "dummy_param": "x", "aggregation_unit": "admin3"}
    flowmachine.answers |= {
        "get_query_params": lambda params: success({"query_id": params["query_id"], "query_params": spec}),
        "get_aggregation_unit": success({"aggregation_unit": "admin3"}),
    }

    def hold(sql: str) -> None:
        payload = {"query_state": "completed", "sql": sql}
        flowmachine.answers["get_sql_for_query_result"] = success(payload)
        flowmachine.answers["get_geo_sql_for_query_result"] = success(
            {**payload, "aggregation_unit": "admin3"}
        )

    return hold


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a secrets directory with a certificate for this machine."""
    directory = tmp_path_factory.mktemp("secrets")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (directory / "cert-flowkit.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (directory / "key-flowkit.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return directory


@pytest.fixture(scope="session")
def running_server(settings: FlowapiSettings, certificate: Path) -> Iterator[Served]:
    """Start the server's own command with TLS and two connections to FlowDB."""
    variables = {"FLOWAPI_FLOWDB_CONNECTIONS": "2", "FLOWAPI_CLIENT_TIMEOUT": "3"}
    with served(settings, certificate, **variables) as running:
        yield running


@pytest.fixture(scope="session")
def server(running_server: Served) -> str:
    """Return the server's address."""
    return running_server.url


@pytest.fixture
def http_client(server: str, certificate: Path) -> Iterator[Callable[..., httpx.Client]]:
    """Return a function that makes a client of the server."""
    with contextlib.ExitStack() as closing:

        def make(*, http2: bool = False) -> httpx.Client:
            trust = ssl.create_default_context(cafile=certificate / "cert-flowkit.pem")
            client = httpx.Client(base_url=server, verify=trust, http2=http2, timeout=20)
            return closing.enter_context(client)

        yield make


@pytest.fixture
def well_afterwards(
    running_server: Served, http_client: Callable[..., httpx.Client], flowmachine: RecordedFlowMachine
) -> Iterator[None]:
    """After the attack the server is the same process, not much larger, and answers."""
    flowmachine.answers |= {
        "get_query_params": lambda params: unknown_id(params["query_id"]),
        "get_aggregation_unit": success({"aggregation_unit": "admin3"}),
        "get_available_dates": success({"calls": ["2016-01-01"]}),
    }
    client = http_client()
    assert client.get("/").status_code == 200
    before = running_server.resident_bytes()
    yield
    assert client.get("/").status_code == 200
    assert running_server.resident_bytes() - before < MOST_GROWTH
