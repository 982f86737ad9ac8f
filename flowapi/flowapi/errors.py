"""Errors as clients see them: a JSON object with ``msg``, a stable ``code`` and sometimes ``status``."""

from collections.abc import Mapping
from typing import Any

import orjson
from quart import Quart, Response, request
from werkzeug.exceptions import HTTPException

from flowapi.audit import Account
from flowapi.logs import debug_log


class ApiError(Exception):
    """A request ends with this answer.

    Parameters
    ----------
    http_status
        The HTTP status code.
    msg
        What was wrong, for people; existing clients match some of these texts.
    code
        The same for programs; it does not change between releases.
    status
        The body's ``status``, on the routes whose errors have one.
    extra
        Further members of the body.
    headers
        Further headers.
    """

    def __init__(
        self,
        http_status: int,
        msg: str,
        code: str,
        *,
        status: str | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(msg)
        self.http_status = http_status
        self.msg = msg
        self.code = code
        self.status = status
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """Return the JSON body."""
        status = {} if self.status is None else {"status": self.status}
        return {**status, "msg": self.msg, "code": self.code, **self.extra}


def unavailable(service: str, code: str, why: str) -> ApiError:
    """Answer that a service behind FlowAPI cannot be reached; the same request may work later."""
    msg = f"{service} is not available: {why}"
    return ApiError(503, msg, code, status="error", headers={"Retry-After": "5"})


def timed_out(service: str, code: str, seconds: float) -> ApiError:
    """Answer that a service behind FlowAPI did not reply in time."""
    return ApiError(504, f"{service} did not answer within {seconds:g} seconds.", code, status="error")


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make a JSON response."""
    return Response(
        orjson.dumps(body), status=status, headers=dict(headers or {}), content_type="application/json"
    )


def _http_exception(error: HTTPException) -> Response:
    """Answer the framework's own errors (unknown path, wrong method, body too large) as JSON."""
    name = error.name.lower().replace(" ", "_").replace("'", "")
    headers = {k: v for k, v in error.get_headers() if k.lower() not in ("content-type", "content-length")}
    return json_response(
        {"msg": error.description or error.name, "code": name}, status=error.code or 500, headers=headers
    )


def _unexpected(error: Exception) -> Response:
    """Answer a defect of FlowAPI without showing its insides."""
    debug_log().error("Unexpected error", exc_info=error)
    return json_response(
        {"status": "error", "msg": "Internal server error", "code": "internal_error"}, status=500
    )


def register_error_handlers(app: Quart) -> None:
    """Make every error of an application answer with JSON."""

    async def on_api_error(error: ApiError) -> Response:
        account: Account = request.scope["flowapi.account"]  # type: ignore[typeddict-item]
        account.note(code=error.code)
        return json_response(error.body(), error.http_status, error.headers)

    async def on_http_exception(error: HTTPException) -> Response:
        return _http_exception(error)

    async def on_exception(error: Exception) -> Response:
        return _unexpected(error)

    app.register_error_handler(ApiError, on_api_error)
    app.register_error_handler(HTTPException, on_http_exception)
    app.register_error_handler(Exception, on_exception)
