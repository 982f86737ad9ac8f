"""The application."""

import asyncio
import re
import uuid
from collections.abc import AsyncGenerator

from quart import Blueprint, Quart, Response, g, request
from structlog.contextvars import clear_contextvars

from flowapi.errors import ApiError, register_error_handlers
from flowapi.http_server import HttpConnection, break_failed_http2_streams, finish_request
from flowapi.logs import bind_request, configure_logging
from flowapi.readiness import watch_start
from flowapi.routes import geography, health, qa, query, spec
from flowapi.services import Services, account
from flowapi.settings import FlowapiSettings
from flowapi.stopping import stop_gracefully
from flowkit_jwt_generator.settings import load_settings

PREFIX = "/api/0"
MAX_BODY_BYTES = 1_000_000

# What a client or a proxy may name a request; anything else might be meant to forge lines of a log.
REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)


def create_app(settings: FlowapiSettings | None = None) -> Quart:
    """Make the application; it connects to FlowMachine and FlowDB when the first requests need them.

    Parameters
    ----------
    settings
        Read from secrets and environment if they are not given.

    Raises
    ------
    flowkit_jwt_generator.settings.SettingsError
        If a setting is missing or unusable.
    """
    settings = settings or load_settings(FlowapiSettings)
    configure_logging(settings.log_level)
    break_failed_http2_streams()
    app = Quart("flowapi", static_folder=None)
    app.asgi_http_class = HttpConnection
    # A download takes as long as it takes; each step of it has its own deadline.
    app.config["RESPONSE_TIMEOUT"] = None
    # Specs are small; text of many empty lists takes twenty times its size when it is read.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    services = Services.from_settings(settings)
    app.extensions["flowapi"] = services
    stop_gracefully(services.running, settings.shutdown_grace)
    register_error_handlers(app)
    for blueprint in (query.blueprint, geography.blueprint, qa.blueprint, spec.blueprint, health.blueprint):
        app.register_blueprint(blueprint, url_prefix=PREFIX)
    app.register_blueprint(_root())
    app.before_request(_begin)
    app.after_request(_finish)

    @app.while_serving
    async def connections() -> AsyncGenerator[None, None]:
        # Before the first request, which is refused if this fails.
        await services.deny_list.refresh()
        watching = asyncio.create_task(watch_start(services))
        reading = asyncio.create_task(services.deny_list.watch())
        yield
        watching.cancel()
        reading.cancel()
        services.flowmachine.close()
        await services.database.close()

    return app


def _root() -> Blueprint:
    root = Blueprint("root", __name__)

    @root.get("/")
    async def get_root() -> Response:
        return Response(b"", content_type="text/html; charset=utf-8")

    return root


async def _begin() -> None:
    """Give the request an id, the client's own if it is a good one; FlowMachine and logs see it too."""
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
    rule = request.url_rule
    account().route = rule.rule if rule is not None else "none"
    account().blueprint = request.blueprint
    clear_contextvars()
    bind_request(g.request_id, request.path, request.remote_addr or "")
    if "Transfer-Encoding" in request.headers and "Content-Length" in request.headers:
        # A proxy before FlowAPI may end the body elsewhere, and take the rest for somebody else's request.
        raise ApiError(
            400,
            "A request has either a Content-Length or a Transfer-Encoding.",
            "bad_request",
            headers={"Connection": "close"},
        )


async def _finish(response: Response) -> Response:
    await finish_request(response)
    response.headers["X-Request-ID"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    if "Cache-Control" not in response.headers:
        # What one token may see must not be kept for the next.
        response.headers["Cache-Control"] = "no-cache" if "caller" not in g else "no-store"
    return response
