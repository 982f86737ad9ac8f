import ssl
import time
import warnings
from pathlib import Path

import httpx
import pytest

import flowclient
from flowclient._base_connection import DEFAULT_TIMEOUT, _verification
from flowclient.errors import (
    FlowclientAccessError,
    FlowclientConnectionError,
    FlowclientUnavailableError,
)

from .conftest import URL, Face, token


def get(face: Face, route: str = "foo", **arguments):
    return face.finish(face.connection().get_url(route=route, **arguments))


def post(face: Face, route: str = "foo"):
    return face.finish(face.connection().post_json(route=route, data={"a": 1}))


@pytest.mark.parametrize("code", [200, 202, 303])
def test_get_returns_the_answers_of_the_protocol(face: Face, code: int) -> None:
    face.server.on("/api/0/foo", httpx.Response(code, headers={"Location": "/elsewhere"}))
    assert get(face, data={"a": 1}, params={"b": 2}).status_code == code
    (request,) = face.server.requests
    assert request.method == "GET"
    assert str(request.url) == f"{URL}/api/0/foo?b=2"
    assert request.read() == b'{"a":1}'
    assert request.headers["Authorization"] == f"Bearer {token(sub='analyst')}"


def test_post_returns_what_was_accepted(face: Face) -> None:
    face.server.on("/api/0/foo", httpx.Response(202))
    assert post(face).status_code == 202
    assert face.server.requests[0].method == "POST"
    assert face.server.requests[0].read() == b'{"a":1}'


@pytest.mark.parametrize("send", [get, post])
def test_unknown_route(face: Face, send) -> None:
    with pytest.raises(FileNotFoundError, match=r"^https://flowapi\.test/api/0/foo not found\.$"):
        send(face)


@pytest.mark.parametrize("send", [get, post])
@pytest.mark.parametrize("code", [401, 403, 422])
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"json": {"msg": "REASON"}}, "REASON"),
        ({"json": {}}, "Unknown access denied error"),
        ({"json": ["REASON"]}, "Unknown access denied error"),
        ({"text": "<html>"}, "Unknown access denied error"),
    ],
)
def test_access_denied(face: Face, send, code: int, answer: dict, message: str) -> None:
    face.server.on("/api/0/foo", httpx.Response(code, **answer))
    with pytest.raises(FlowclientAccessError, match=f"^{message}$"):
        send(face)


@pytest.mark.parametrize(
    ("answer", "message", "status"),
    [
        ({"json": {"msg": "M", "status": "S"}}, "M", "S"),
        ({"json": {}}, "Unknown error", "Unknown status"),
        ({"text": "x"}, "Unknown error", "Unknown status"),
    ],
)
def test_other_answers_to_get(face: Face, answer: dict, message: str, status: str) -> None:
    face.server.on("/api/0/foo", httpx.Response(418, **answer))
    with pytest.raises(FlowclientConnectionError) as caught:
        get(face)
    assert str(caught.value) == (
        f"Something went wrong: {message}. API returned with status code: 418 and status '{status}'"
    )


@pytest.mark.parametrize("code", [200, 303, 418])
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"json": {"msg": "M"}}, "'M'."),
        ({"json": {"msg": "M", "payload": {"a": 1}}}, "'M'. Payload: {'a': 1}"),
        ({"json": []}, "'Unknown error'."),
        ({"text": "x"}, "'the response did not contain valid JSON'."),
    ],
)
def test_other_answers_to_post(face: Face, code: int, answer: dict, message: str) -> None:
    face.server.on("/api/0/foo", httpx.Response(code, **answer))
    with pytest.raises(FlowclientConnectionError) as caught:
        post(face)
    assert (
        str(caught.value)
        == f"Something went wrong. API returned with status code {code}. Error message: {message}"
    )


@pytest.mark.parametrize("send", [get, post])
@pytest.mark.parametrize(
    ("cause", "text"), [(httpx.ConnectError("no route"), "no route"), (httpx.ReadTimeout(""), "ReadTimeout")]
)
def test_unreachable_server(face: Face, send, cause: Exception, text: str) -> None:
    face.server.on("/api/0/foo", cause)
    with pytest.raises(FlowclientUnavailableError) as caught:
        send(face)
    assert str(caught.value) == f"Unable to connect to FlowKit API at {URL}: {text}"


@pytest.mark.parametrize("url", [f"{URL}/flow", f"{URL}/flow/"])
def test_path_prefix_and_trailing_slash(face: Face, url: str) -> None:
    face.server.on("/flow/api/1/foo", httpx.Response(200))
    connection = face.connection(url=url, api_version=1)
    face.finish(connection.get_url(route="foo"))
    assert connection.url == url
    assert repr(connection) == str(connection) == f"analyst@{url} v1"


def test_only_plain_http_warns(face: Face) -> None:
    with pytest.warns(UserWarning, match="^Communications with this server are NOT SECURE.$"):
        face.connection(url="foo", token=token(sub="bar"))
    with warnings.catch_warnings(record=True) as caught:
        face.connection(url="HTTPS://foo")
    assert caught == []


def test_token_can_be_replaced(face: Face) -> None:
    connection = face.connection()
    other = token(sub="other", exp=time.time() + 60)
    connection.update_token(other)
    assert (connection.user, connection.token) == ("other", other)
    assert connection.session.headers["Authorization"] == f"Bearer {other}"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("GARBAGE", "Unable to decode token: 'GARBAGE'"),
        ("G" * 999, "Unable to decode token: 'GGGGGGGGGGGG…'"),
        ("", "Unable to decode token: ''"),
        (None, "Unable to decode token: 'None'"),
        (token(identity="someone"), "Token does not contain user identity."),
    ],
)
def test_bad_token_changes_nothing(face: Face, bad: str, message: str) -> None:
    connection = face.connection()
    before = connection.user, connection.token, connection.session.headers["Authorization"]
    with pytest.raises(FlowclientConnectionError) as caught:
        connection.update_token(bad)
    assert str(caught.value) == message
    assert before == (connection.user, connection.token, connection.session.headers["Authorization"])
    with pytest.raises(FlowclientConnectionError):
        face.connection(token=bad)


def test_token_may_end_in_a_line_break(face: Face) -> None:
    connection = face.connection(token=token(sub="a") + "\n")
    assert connection.session.headers["Authorization"] == f"Bearer {token(sub='a')}"


def test_expired_token_warns(face: Face) -> None:
    with pytest.warns(UserWarning, match="expired at 2001-09-09 01:46 UTC"):
        face.connection(token=token(sub="a", exp=1_000_000_000))


def test_connections_close(face: Face) -> None:
    connection = face.connection()

    async def use() -> None:
        async with connection:
            assert not connection.session.is_closed

    if face.name == "async":
        face.finish(use())
    else:
        with connection as entered:
            assert entered is connection
    assert connection.session.is_closed


def test_connecting_has_a_time_limit_by_default(face: Face) -> None:
    assert face.connection().session.timeout == DEFAULT_TIMEOUT
    assert DEFAULT_TIMEOUT.connect is not None
    assert face.connection(timeout=None).session.timeout == httpx.Timeout(None)


def test_certificates(tmp_path: Path) -> None:
    assert [_verification(value) for value in (True, None, "", False)] == [True, True, True, False]
    assert isinstance(_verification(str(tmp_path)), ssl.SSLContext)
    with pytest.raises(FileNotFoundError, match=r"No such certificate.*absent\.pem"):
        _verification(tmp_path / "absent.pem")
    (tmp_path / "notes.pem").write_text("no certificate")
    with pytest.raises(ValueError, match=r"'.*notes\.pem' holds no certificate in PEM form"):
        _verification(tmp_path / "notes.pem")


def test_connect_functions(face: Face) -> None:
    function = flowclient.connect if face.name == "sync" else flowclient.connect_async
    connection = face.finish(function(url=URL, token=token(sub="a"), ssl_certificate=None))
    assert type(connection) is face.connect


def test_refusal_names_the_scopes_that_are_missing(face: Face) -> None:
    body = {
        "msg": "User claims verification failed",
        "code": "missing_scopes",
        "missing_scopes": ["run", "a:b"],
    }
    face.server.on("/api/0/foo", httpx.Response(403, json=body))
    with pytest.raises(FlowclientAccessError) as caught:
        get(face)
    assert str(caught.value) == (
        "User claims verification failed. The token lacks: run, a:b. "
        "Ask an administrator for a role that has them."
    )
    assert caught.value.missing_scopes == ("run", "a:b")
    assert (caught.value.code, caught.value.status_code) == ("missing_scopes", 403)


def test_errors_carry_what_the_server_says_of_them(face: Face) -> None:
    detail = {
        "msg": "Invalid file format",
        "status": "error",
        "code": "invalid_file_format",
        "detail": "Try csv.",
    }
    face.server.on("/api/0/foo", httpx.Response(400, json=detail))
    with pytest.raises(FlowclientConnectionError, match=r"Invalid file format.* Try csv\.$") as caught:
        get(face)
    assert (caught.value.code, caught.value.status_code) == ("invalid_file_format", 400)
    face.server.on("/api/0/foo", httpx.Response(404, json={"msg": "Run it again."}))
    with pytest.raises(FileNotFoundError, match=r"api/0/foo not found\. Run it again\.$"):
        get(face)


def test_result_of_a_failed_query_is_no_matter_of_access(face: Face) -> None:
    face.server.on("/api/0/foo", httpx.Response(403, json={"msg": "It failed.", "code": "query_errored"}))
    with pytest.raises(FlowclientConnectionError, match="It failed") as caught:
        get(face)
    assert not isinstance(caught.value, FlowclientAccessError)


def test_refusal_of_an_expired_token_says_since_when(face: Face) -> None:
    face.server.on("/api/0/foo", httpx.Response(401, json={"msg": "Token has expired"}))
    with pytest.warns(UserWarning, match="This token expired at 2020-09-13 12:26 UTC"):
        connection = face.connection(token=token(sub="a", exp=1_600_000_000))
    with pytest.raises(FlowclientAccessError) as caught:
        face.finish(connection.get_url(route="foo"))
    assert str(caught.value) == (
        "Token has expired. The token of a expired at 2020-09-13 12:26 UTC: "
        "get a new one, and give it to the connection with update_token."
    )
    connection.update_token(token(sub="a", exp=time.time() + 60))
    with pytest.raises(FlowclientAccessError, match=r"^Token has expired$"):
        face.finish(connection.get_url(route="foo"))


def test_token_that_is_good_for_ever(face: Face) -> None:
    assert face.connection(token=token(sub="a", exp=10**18)).user == "a"


def test_wrong_parameters_are_named_one_by_one(face: Face) -> None:
    messages = {"locations": {"method": ["Must be one of: last."], "date": ["Not a date."]}, "x": "Unknown."}
    body = {"msg": "M", "payload": {"params": {}, "validation_error_messages": messages}}
    face.server.on("/api/0/foo", httpx.Response(400, json=body))
    with pytest.raises(FlowclientConnectionError) as caught:
        post(face)
    assert caught.value.__notes__ == [
        "locations.method: Must be one of: last.",
        "locations.date: Not a date.",
        "x: Unknown.",
    ]
