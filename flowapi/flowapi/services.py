"""What every request of one application shares."""

import time
from dataclasses import dataclass, field

from quart import current_app, g, request

from flowapi import metrics
from flowapi.audit import Account
from flowapi.database import ResultDatabase
from flowapi.deny_list import DenyList
from flowapi.errors import ApiError, unavailable
from flowapi.flowmachine_client import FlowMachineClient, Reply
from flowapi.openapi import OpenApiDocuments
from flowapi.permissions import Needs
from flowapi.recent import RecentlyUsed
from flowapi.settings import FlowapiSettings
from flowapi.stopping import RunningRequests
from flowapi.tokens import TokenVerifier
from flowkit_jwt_generator.keys import verification_keys

REMEMBERED_QUERIES = 4096

# What FlowMachine says when a service that it needs is away.
UNAVAILABLE_CODES = frozenset({"flowdb_unavailable", "redis_unavailable", "shutting_down"})


@dataclass(frozen=True)
class Services:
    """The services behind FlowAPI and what is remembered between requests."""

    settings: FlowapiSettings
    verifier: TokenVerifier
    flowmachine: FlowMachineClient
    database: ResultDatabase
    deny_list: DenyList
    documents: OpenApiDocuments
    running: RunningRequests = field(default_factory=RunningRequests)
    # What a query needs, by its id: an id stands for one spec for ever.
    needs_by_id: RecentlyUsed[str, Needs] = field(default_factory=lambda: RecentlyUsed(REMEMBERED_QUERIES))

    @classmethod
    def from_settings(cls, settings: FlowapiSettings) -> "Services":
        """Make them; nothing is connected yet."""
        return cls(
            settings=settings,
            verifier=TokenVerifier(verification_keys(settings.public_keys), settings.identifier),
            flowmachine=FlowMachineClient(
                settings.flowmachine_host,
                settings.flowmachine_port,
                timeout=settings.flowmachine_timeout,
                curve=settings.curve_keys,
            ),
            database=ResultDatabase(
                host=settings.flowdb_host,
                port=settings.flowdb_port,
                user=settings.flowdb_user,
                password=settings.flowdb_password.get_secret_value(),
                connections=settings.flowdb_connections,
                timeout=settings.flowdb_timeout,
            ),
            deny_list=DenyList(
                settings.deny_sources(),
                interval=settings.revocation_interval,
                max_age=settings.revocation_max_age,
            ),
            documents=OpenApiDocuments(settings.identifier),
        )


def account() -> Account:
    """Return the account that is kept of the current request."""
    found: Account = request.scope["flowapi.account"]  # type: ignore[typeddict-item]
    return found


def services() -> Services:
    """Return the services of the application that handles the current request."""
    found: Services = current_app.extensions["flowapi"]
    return found


async def ask_flowmachine(action: str, params: dict[str, object] | None = None) -> Reply:
    """Send an action to FlowMachine under the current request's id.

    Raises
    ------
    ApiError
        503 or 504 if FlowMachine, or what FlowMachine itself needs for the action, does not answer.
    """
    begun = time.monotonic()
    try:
        reply = await services().flowmachine.request(action, params, request_id=g.request_id)
    except ApiError as error:
        metrics.count_no_reply(action, error.code)
        raise
    metrics.observe_reply(action, time.monotonic() - begun)
    if not reply.succeeded and reply.payload.get("code") in UNAVAILABLE_CODES:
        raise unavailable("A service behind FlowMachine", reply.payload["code"], reply.msg)
    return reply
