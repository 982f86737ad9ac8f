"""Attacks on a server in a process of its own: each is refused, costs little memory, and it is well after."""

import base64
import gzip
import hashlib
import hmac
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from recorded_flowmachine import RecordedFlowMachine, success, unknown_id
from serving import Served
from signing import AUDIENCE, Bearer, MakeToken

from flowkit_jwt_generator.keys import key_id, public_key_pem

MOST_GROWTH = 64 * 1024 * 1024
SCOPES = ("run", "get_result", "admin3:dummy_query:dummy_query", "admin3:geography:geography")
DUMMY = {"query_kind": "dummy_query", "dummy_param": "x", "aggregation_unit": "admin3"}
DATES = "/api/0/available_dates"


@pytest.fixture(autouse=True)
def _well_afterwards(
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


@pytest.fixture
def send(http_client: Callable[..., httpx.Client]) -> Callable[[str], httpx.Response]:
    """Return a function that asks for data with a token."""
    client = http_client()
    return lambda token: client.get(DATES, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def good(make_token: MakeToken) -> str:
    return make_token({"role": ["get_available_dates"]})


def encoded(part: bytes | dict[str, Any]) -> str:
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def refused(response: httpx.Response, status: int = 422) -> None:
    """Check that there is a refusal and nothing else."""
    assert response.status_code == status, response.text
    assert set(response.json()) <= {"msg", "code", "status", "detail", "missing_scopes"}
    assert "2016-01-01" not in response.text


# Tokens


def test_the_token_that_attacks_start_from_is_good(send: Callable[[str], httpx.Response], good: str) -> None:
    assert send(good).status_code == 200


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", None])
def test_no_algorithm(send: Callable[[str], httpx.Response], good: str, name: str | None) -> None:
    _, claims, signature = good.split(".")
    header = encoded({"alg": name, "typ": "JWT"})
    refused(send(f"{header}.{claims}."))
    refused(send(f"{header}.{claims}.{signature}"))


@pytest.mark.parametrize(("name", "digest"), [("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")])
def test_the_public_key_as_secret(
    send: Callable[[str], httpx.Response], good: str, private_key: rsa.RSAPrivateKey, name: str, digest: str
) -> None:
    for secret in (
        public_key_pem(private_key.public_key()),
        public_key_pem(private_key.public_key()).strip(),
        b"",
    ):
        text = f"{encoded({'alg': name, 'typ': 'JWT'})}.{good.split('.')[1]}"
        refused(send(f"{text}.{encoded(hmac.new(secret, text.encode(), getattr(hashlib, digest)).digest())}"))


def test_a_swapped_audience(
    send: Callable[[str], httpx.Response], make_token: MakeToken, good: str, private_key: rsa.RSAPrivateKey
) -> None:
    refused(send(make_token({"role": ["get_available_dates"]}, flowapi_identifier="another")))
    claims = jwt.decode(good, options={"verify_signature": False})
    for audience in (AUDIENCE.lower(), [], [AUDIENCE.lower()], AUDIENCE + "\0", {AUDIENCE: 1}, None, 1):
        token = encoded({"alg": "RS256"}) + "." + encoded(claims | {"aud": audience})
        signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(
            token.encode(), private_key
        )
        refused(send(f"{token}.{encoded(signature)}"))


def test_a_stripped_signature(send: Callable[[str], httpx.Response], good: str) -> None:
    header, claims, signature = good.split(".")
    for token in (
        f"{header}.{claims}.",
        f"{header}.{claims}",
        f"{header}.{claims}.AA",
        f"{header}.{claims}.{signature[:-8]}",
        f"{header}.{claims}.{signature}.{signature}",
        f".{claims}.{signature}",
    ):
        refused(send(token))


def test_keys_and_key_ids_brought_along(
    send: Callable[[str], httpx.Response], good: str, private_key: rsa.RSAPrivateKey
) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = jwt.decode(good, options={"verify_signature": False})
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(stranger.public_key()))
    for headers in (
        {"jwk": jwk},
        {"jwk": jwk, "kid": key_id(stranger)},
        {"jku": "https://attacker.invalid/keys"},
        {"x5u": "https://attacker.invalid/chain"},
        {"x5c": [base64.b64encode(b"a certificate").decode()]},
        {"kid": key_id(private_key)},
        {"kid": "/dev/null"},
        {"kid": "../../../../dev/null"},
        {"kid": "x' UNION SELECT 'secret"},
        {"kid": "a" * 10_000},
        {"crit": ["exp"]},
    ):
        refused(send(jwt.encode(claims, stranger, algorithm="RS256", headers=headers)))
    for odd in (7, ["a"], {"a": 1}):  # the signature is checked all the same
        text = f"{encoded({'alg': 'RS256', 'kid': odd})}.{good.split('.')[1]}"
        refused(send(f"{text}.{good.split('.')[2]}"))


def test_claims_that_inflate_a_thousandfold(
    send: Callable[[str], httpx.Response], good: str, private_key: rsa.RSAPrivateKey, running_server: Served
) -> None:
    claims = jwt.decode(good, options={"verify_signature": False})
    # As much as fits into a header of 64 kB; FlowAPI gives up after the first million bytes.
    for byte in (b" ", b"["):
        claims["user_claims"] = base64.b64encode(gzip.compress(byte * 30_000_000)).decode()
        before = running_server.resident_bytes()
        for _ in range(5):
            refused(send(jwt.encode(claims, private_key, algorithm="RS256")))
        assert running_server.resident_bytes() - before < MOST_GROWTH


def test_a_bomb_in_a_token_that_nobody_signed(send: Callable[[str], httpx.Response], good: str) -> None:
    claims = jwt.decode(good, options={"verify_signature": False})
    claims["user_claims"] = base64.b64encode(gzip.compress(b"[" * 20_000_000)).decode()
    refused(send(jwt.encode(claims, rsa.generate_private_key(65537, 2048), algorithm="RS256")))


def test_duplicated_headers(http_client: Callable[..., httpx.Client], good: str) -> None:
    client = http_client()
    bearer, other = ("Authorization", f"Bearer {good}"), ("Authorization", "Bearer x.y.z")
    for headers in ([bearer, bearer], [other, bearer], [bearer, other]):
        refused(client.get(DATES, headers=headers))
    refused(client.get(DATES, headers={"Authorization": f"Bearer x.y.z, Bearer {good}"}))


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize("size", [60_000, 100_000])
@pytest.mark.parametrize("name", ["Authorization", "X-Anything"])
def test_oversized_tokens_and_headers(
    http_client: Callable[..., httpx.Client], name: str, size: int, http2: bool
) -> None:
    try:
        response = http_client(http2=http2).get(DATES, headers={name: f"Bearer {'a' * size}"})
    except httpx.HTTPError:
        return  # the connection was closed
    assert response.status_code in (400, 401, 413, 422, 431)


def test_tokens_elsewhere_than_in_the_header(http_client: Callable[..., httpx.Client], good: str) -> None:
    client = http_client()
    for name in ("access_token", "token", "jwt", "Authorization"):
        refused(client.get(DATES, params={name: good}), 401)
        refused(client.get(DATES, headers={"Cookie": f"{name}={good}; access_token_cookie={good}"}), 401)
        refused(client.request("GET", DATES, json={name: good}), 401)


# Bodies and paths


@pytest.mark.parametrize(
    "body",
    [
        b'{"query_kind":' * 50_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"query_kind": "dummy_query", "a": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"query_kind": "dummy_query", "a": [' + b"[]," * 5_000_000 + b"[]]}",
        b'{"query_kind": "' + b"x" * 40_000_000 + b'"}',
        b'{"query_kind": "dummy_query", "n": 1' + b"0" * 500_000 + b"}",
    ],
    ids=["never closed", "deep", "less deep", "many lists", "long text", "long number"],
)
def test_deep_and_huge_bodies(http_client: Callable[..., httpx.Client], bearer: Bearer, body: bytes) -> None:
    headers = {"Content-Type": "application/json", **bearer(*SCOPES)}
    for http2 in (False, True):
        try:
            response = http_client(http2=http2).post("/api/0/run", content=body, headers=headers)
        except httpx.HTTPError:
            continue  # the connection was closed before all of it was taken
        refused(response, response.status_code)
        assert response.status_code in (400, 413)


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e%2f%2e%2e%2fspec",
        "..%5c..%5c",
        "%00",
        "a%00.json",
        "a%0d%0aSet-Cookie:%20x=1",
        "%0d%0a%0d%0aHTTP/1.1%20200%20OK",
        "%F0%9D%84%9E",
        "%ff%fe",
        "%ed%a0%80",
        "%E2%80%AE",
        "x" * 20_000,
        "%25%2e%25%2e",
        ";jsessionid=1",
        "' OR 1=1 --",
    ],
)
def test_tricks_in_ids(http_client: Callable[..., httpx.Client], bearer: Bearer, path: str) -> None:
    client = http_client()
    for route in ("poll", "get"):
        for suffix in ("", ".csv"):
            response = client.get(f"/api/0/{route}/{path}{suffix}", headers=bearer(*SCOPES))
            refused(response, 404)
            assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "query_id",
    ['a"; filename="b.exe', "a\r\nSet-Cookie: x=1", "a\nX: 1", "../../a", "é𝄞", "a;b", "a'b%00", "\x7f"],
)
def test_file_names(
    http_client: Callable[..., httpx.Client],
    bearer: Bearer,
    result: Callable[[str], None],
    query_id: str,
) -> None:
    result("SELECT 1 AS a")
    path = "".join(f"%{byte:02x}" for byte in query_id.encode())
    response = http_client().get(f"/api/0/get/{path}.csv", headers=bearer(*SCOPES))
    if response.status_code == 404:  # a slash ends the id
        assert "/" in query_id
        return
    assert response.status_code == 200
    assert not {"set-cookie", "x"} & set(response.headers)
    value = response.headers["content-disposition"]
    plain = value.partition("filename*=")[0]
    assert value.isascii()
    assert plain.count('"') == 2
    assert not set("\r\n/\\%") & set(plain)


def test_methods_in_headers(http_client: Callable[..., httpx.Client], bearer: Bearer) -> None:
    client = http_client()
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        response = client.get("/api/0/run", headers={name: "POST", **bearer(*SCOPES)})
        assert response.status_code == 405
        response = client.post(DATES, headers={name: "GET", **bearer("get_available_dates")})
        assert response.status_code == 405
        response = client.get("/", params={"_method": "POST"}, headers={name: "DELETE"})
        assert response.status_code == 200


# Connections


@pytest.fixture
def connect(running_server: Served, certificate: Path) -> Iterator[Callable[..., ssl.SSLSocket]]:
    """Return a function that connects to the server."""
    opened: list[ssl.SSLSocket] = []

    def make(*protocols: str) -> ssl.SSLSocket:
        trust = ssl.create_default_context(cafile=certificate / "cert-flowkit.pem")
        trust.set_alpn_protocols(protocols or ["http/1.1"])
        plain = socket.create_connection(("127.0.0.1", running_server.port), timeout=20)
        opened.append(trust.wrap_socket(plain, server_hostname="localhost"))
        return opened[-1]

    yield make
    for connection in opened:
        connection.close()


def received(connection: ssl.SSLSocket) -> bytes:
    """Return what comes until the server closes, or is silent for a second."""
    connection.settimeout(1)
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except (TimeoutError, OSError):
        pass
    return b"".join(parts)


def test_bodies_that_never_end(
    connect: Callable[..., ssl.SSLSocket], http_client: Callable[..., httpx.Client], bearer: Bearer
) -> None:
    authorization = bearer(*SCOPES)["Authorization"]
    begun = (
        f"POST /api/0/run HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n"
        'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"query'
    )
    connections = [connect() for _ in range(60)]
    for connection in connections:
        connection.sendall(begun.encode())
    for connection in [connect() for _ in range(60)]:  # nor do their headers
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    for connection in connections:
        connection.sendall(b"_")
    assert http_client().get(DATES, headers=bearer("get_available_dates")).status_code == 200


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 6\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 6",
        "Content-Length: 6\r\nContent-Length: 60",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
        "Content-Length: +6",
        "Content-Length: 0x6",
        "Content-Length: -1",
    ],
)
def test_smuggled_requests(connect: Callable[..., ssl.SSLSocket], bearer: Bearer, framing: str) -> None:
    """What a proxy may take for a body is never answered as a request of its own with rows."""
    authorization = bearer("get_available_dates")["Authorization"]
    smuggled = f"GET {DATES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n\r\n"
    connection = connect()
    connection.sendall(
        f"POST /api/0/run HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n0\r\n\r\n{smuggled}".encode()
    )
    answers = received(connection)
    assert b"2016-01-01" not in answers
    assert answers.count(b"HTTP/1.1 ") <= 1


def test_rapid_resets(connect: Callable[..., ssl.SSLSocket], bearer: Bearer) -> None:
    """HTTP/2 requests that are taken back at once, thousands of them."""
    connection = connect("h2")
    protocol = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    protocol.initiate_connection()
    headers = [
        (":method", "GET"),
        (":path", DATES),
        (":scheme", "https"),
        (":authority", "localhost"),
        ("authorization", bearer("get_available_dates")["Authorization"]),
    ]
    try:
        for number in range(5_000):
            stream = 2 * number + 1
            protocol.send_headers(stream, headers, end_stream=True)
            protocol.reset_stream(stream)
            connection.sendall(protocol.data_to_send())
    except OSError:
        return  # it closed the connection
    time.sleep(0.5)
