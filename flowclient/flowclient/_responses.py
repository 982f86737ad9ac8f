"""What answers of FlowAPI mean: every function here turns a response into a value or an exception.

Nothing here sends anything, so that the synchronous and the asynchronous client share it.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pandas as pd

from flowclient.errors import FlowclientAccessError, FlowclientConnectionError, FlowclientUnavailableError

# 422 is how FlowAPI answers a token that is damaged or meant for another server.
ACCESS_DENIED = frozenset({401, 403, 422})
UNAVAILABLE = frozenset({502, 503, 504})
UNKNOWN_AUTHORITY = "CERTIFICATE_VERIFY_FAILED"


def body(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of a response, empty if it holds anything else."""
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _is_json(response: httpx.Response) -> bool:
    try:
        response.json()
    except ValueError:
        return False
    return True


def _failure(
    response: httpx.Response, message: str, kind: type[FlowclientConnectionError] | None = None
) -> FlowclientConnectionError:
    """Return the exception for an answer, with what the server says about it for programs."""
    if kind is None:
        unavailable = response.status_code in UNAVAILABLE
        kind = FlowclientUnavailableError if unavailable else FlowclientConnectionError
    content = body(response)
    code, missing, detail = (content.get(name) for name in ("code", "missing_scopes", "detail"))
    scopes = [str(scope) for scope in missing] if isinstance(missing, list) else []
    if isinstance(detail, str):
        message += f" {detail}"
    if scopes:
        message += f". The token lacks: {', '.join(scopes)}. Ask an administrator for a role that has them."
    return kind(
        message,
        status_code=response.status_code,
        code=code if isinstance(code, str) else None,
        missing_scopes=scopes,
    )


def _raise_common(response: httpx.Response, url: str) -> None:
    """Raise for the answers that mean the same whatever was asked."""
    if response.status_code == 404:
        message = body(response).get("msg")
        raise FileNotFoundError(f"{url} not found." + (f" {message}" if message else ""))
    if response.status_code in ACCESS_DENIED:
        content = body(response)
        message = content.get("msg", "Unknown access denied error")
        # A result that cannot be had since its query failed is no matter of access.
        failed = content.get("code") == "query_errored"
        raise _failure(response, message, FlowclientConnectionError if failed else FlowclientAccessError)


def check_get(response: httpx.Response, url: str) -> httpx.Response:
    """Return the response to a GET of `url` if it is one that the protocol goes on from, else raise."""
    if response.status_code in (200, 202, 303):
        return response
    _raise_common(response, url)
    content = body(response)
    raise _failure(
        response,
        f"Something went wrong: {content.get('msg', 'Unknown error')}. API returned with status code: "
        f"{response.status_code} and status '{content.get('status', 'Unknown status')}'",
    )


def check_post(response: httpx.Response, url: str) -> httpx.Response:
    """Return the response to a POST to `url` if the server accepted it, else raise."""
    if response.status_code == 202:
        return response
    _raise_common(response, url)
    content = body(response)
    message = (
        content.get("msg", "Unknown error")
        if _is_json(response)
        else "the response did not contain valid JSON"
    )
    payload = f" Payload: {content['payload']}" if content.get("payload") else ""
    failure = _failure(
        response,
        f"Something went wrong. API returned with status code {response.status_code}. "
        f"Error message: '{message}'.{payload}",
    )
    # The text holds the whole specification; what is wrong with it comes last, where it is seen.
    for line in _wrong_parameters(content.get("payload")):
        failure.add_note(line)
    raise failure


def _wrong_parameters(payload: Any) -> list[str]:
    messages = payload.get("validation_error_messages") if isinstance(payload, dict) else None
    return list(_paths(messages, "")) if isinstance(messages, dict) else []


def _paths(messages: Any, path: str) -> Iterator[str]:
    """Yield each message with the path of the parameter that it is about."""
    if isinstance(messages, dict):
        for name, value in messages.items():
            yield from _paths(value, f"{path}.{name}" if path else str(name))
    elif isinstance(messages, list):
        for value in messages:
            yield from _paths(value, path)
    else:
        yield f"{path}: {messages}"


def unreachable(url: str, cause: Exception) -> FlowclientUnavailableError:
    """Return the exception for a request that got no answer."""
    message = f"Unable to connect to FlowKit API at {url}: {str(cause) or type(cause).__name__}"
    if UNKNOWN_AUTHORITY in message:
        message += ". If the server has an authority of its own, give its certificate to ssl_certificate."
    return FlowclientUnavailableError(message)


def check_download(response: httpx.Response, url: str) -> None:
    """Raise unless the response carries a result."""
    with_content(check_get(response, url), "result")


def with_content(response: httpx.Response, what: str) -> httpx.Response:
    """Return a successful response; `what` names in the exception otherwise what was asked for."""
    if response.status_code == 200:
        return response
    message = body(response).get("msg")
    reason = f" Reason: {message}" if message is not None else ""
    raise _failure(
        response, f"Could not get {what}. API returned with status code: {response.status_code}.{reason}"
    )


def json_content(response: httpx.Response, what: str) -> Any:
    """Return the parsed body of a successful response."""
    with_content(response, what)
    try:
        return response.json()
    except ValueError as error:
        raise FlowclientConnectionError(f"Could not get {what}: the answer is not valid JSON.") from error


def text_content(response: httpx.Response, what: str) -> str:
    """Return the body of a successful response as text."""
    return with_content(response, what).text


def rows(response: httpx.Response) -> list[dict[str, Any]]:
    """Return the rows of a result."""
    found: list[dict[str, Any]] = json_content(response, "result")["query_result"]
    return found


def data_frame(response: httpx.Response) -> pd.DataFrame:
    """Return the rows of a result as a frame; no rows give an empty one without columns."""
    return pd.DataFrame.from_records(rows(response))


def available_dates(response: httpx.Response, event_types: list[str] | None) -> dict[str, list[str]]:
    """Return the days with data by event type, of the given types only if any are given."""
    dates: dict[str, list[str]] = json_content(response, "available dates")["available_dates"]
    return dates if event_types is None else {key: dates[key] for key in dates if key in event_types}


def available_qa_checks(response: httpx.Response, event_types: list[str] | None) -> list[dict[str, str]]:
    """Return the kinds of quality checks that exist, of the given event types only if any are given."""
    checks: list[dict[str, str]] = json_content(response, "qa checks")
    return [check for check in checks if event_types is None or check["cdr_type"] in event_types]


def is_ready(response: httpx.Response) -> bool:
    """Tell whether the answer to a poll says that the result can be fetched."""
    if response.status_code == 303:
        return True
    if response.status_code == 202:
        return False
    raise FlowclientConnectionError(
        f"Something went wrong: {response}. API returned with status code: {response.status_code}"
    )


def status(response: httpx.Response) -> str:
    """Return the state of a query from the answer to a poll."""
    if response.status_code == 303:
        return "completed"
    if response.status_code == 202:
        try:
            return str(response.json()["status"])
        except (KeyError, ValueError, TypeError) as error:
            raise FlowclientConnectionError("No status reported.") from error
    raise FlowclientConnectionError(
        f"Something went wrong: {body(response).get('msg', 'Unknown error')}. "
        f"API returned with status code: {response.status_code}"
    )


def accepted_query_id(response: httpx.Response) -> str:
    """Return the id of a query that the server accepted to run."""
    if response.status_code != 202:
        raise FlowclientConnectionError(
            f"Error running the query: {body(response).get('msg', 'Unknown error')}. "
            f"Status code: {response.status_code}."
        )
    return urlsplit(response.headers["Location"]).path.rstrip("/").rsplit("/", 1)[-1]


def result_route(response: httpx.Response) -> str:
    """Return the route, below the API's version, that the answer to a poll points to.

    The server may be behind a path prefix that it knows nothing of, or may name itself in full;
    only what follows ``/api/<version>/`` is kept, so a token is never sent to another host.
    """
    path = urlsplit(response.headers["Location"]).path
    match = re.search(r".*/api/\d+/(.+)", path)
    return match.group(1) if match else path
