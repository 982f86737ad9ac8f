"""Hostile bodies, paths and headers: refused at little cost, and the server is well then."""

from collections.abc import Callable

import httpx
import pytest
from flowapi_client import refused
from signing import Bearer

pytestmark = pytest.mark.usefixtures("well_afterwards")

DATES = "/api/0/available_dates"
SCOPES = ("run", "get_result", "admin3:dummy_query:dummy_query", "admin3:geography:geography")


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
