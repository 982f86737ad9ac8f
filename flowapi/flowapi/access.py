"""Who sends the current request, and whether it may: the only place where routes get permission."""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import orjson
from quart import g, request

from flowapi import metrics
from flowapi.errors import ApiError
from flowapi.flowmachine_client import Reply, flowmachine_error
from flowapi.logs import MAX_LOGGED_PAYLOAD, access_log, bind_request
from flowapi.permissions import Action, Needs, decide, query_needs, subset_ids
from flowapi.services import account, ask_flowmachine, services
from flowapi.tokens import Caller, TokenError, bearer_token

P = ParamSpec("P")
T = TypeVar("T")

NOT_A_SPEC = "Could not parse query spec."


def not_a_spec(detail: str) -> ApiError:
    """Answer that there is no query to check permissions for."""
    return ApiError(400, NOT_A_SPEC, "invalid_query_spec", extra={"detail": detail})


def authenticated(view: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Let a view be reached only with a valid token; its caller is then in ``g.caller``."""

    @wraps(view)
    async def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            caller = services().verifier.verify(bearer_token(request.headers.getlist("Authorization")))
            bind_request(g.request_id, request.path, request.remote_addr or "", caller.user)
            account().note(token_id=caller.token_id)
            # After the verifier, which remembers tokens that were good.
            services().deny_list.check(caller.token_id)
        except TokenError as error:
            await _log_refused_token(error)
            raise
        _log_caller(caller)
        g.caller = caller
        return await view(*args, **kwargs)

    return checked


async def require(needs: Needs) -> None:
    """Let the request go on only if one of the caller's roles holds all that is needed.

    Raises
    ------
    ApiError
        403, naming the scopes that the nearest role lacks.
    """
    decision = decide(needs, g.caller.roles)
    account().note(
        requested_scopes=decision.required,
        granting_roles=decision.granting_roles,
        missing_scopes=decision.missing or None,
    )
    if not decision.allowed:
        access_log().error(
            "CLAIMS_VERIFICATION_FAILED",
            missing_scopes=decision.missing,
            json_payload=await logged_payload(),
        )
        raise ApiError(
            403,
            "User claims verification failed",
            "missing_scopes",
            extra={"missing_scopes": list(decision.missing)},
        )
    access_log().info(
        f"Permission for {list(decision.required)} granted by {list(decision.granting_roles)}",
        requested_scopes=decision.required,
        granting_roles=decision.granting_roles,
    )


async def require_for_spec(spec: Any, action: Action) -> None:
    """Let the request go on only if the caller may do something with a query.

    Raises
    ------
    ApiError
        400 if it is no query, or FlowMachine refuses it; 403 if a scope is missing.
    """
    needs = await _needs_of_spec(spec)
    await require(needs.with_action(action))


async def require_for_id(query_id: str, action: Action) -> None:
    """Let the request go on only if the caller may do something with the query of this id.

    Raises
    ------
    ApiError
        404 if FlowMachine does not know the id; 403 if a scope is missing.
    """
    account().note(query_id=query_id)
    needs = services().needs_by_id.get(query_id)
    if needs is None:
        reply = await ask_flowmachine("get_query_params", {"query_id": query_id})
        if not reply.succeeded:
            raise refused_id(query_id, reply)
        needs = await _needs_of_spec(reply.required("query_params"))
        services().needs_by_id.remember(query_id, needs)
    await require(needs.with_action(action))


def refused_id(query_id: str, reply: Reply) -> ApiError:
    """Answer that FlowMachine can tell nothing about an id: most often because no query has it."""
    if reply.query_state == "awol":
        return ApiError(404, f"Unknown query ID '{query_id}'", "unknown_query")
    return flowmachine_error(reply)


async def _needs_of_spec(spec: Any) -> Needs:
    """Return what a query needs together with what the queries that it names as subsets need.

    Whoever restricts a query to the subscribers of another learns about the other one's result,
    and therefore needs the scopes of both.
    """
    needs = Needs(frozenset())
    pending, seen = [spec], set[str]()
    while pending:
        current = pending.pop()
        if not isinstance(current, Mapping) or "query_kind" not in current:
            raise not_a_spec("A query is a JSON object with a query_kind.")
        reply = await ask_flowmachine("get_aggregation_unit", dict(current))
        if not reply.succeeded and not reply.payload:
            raise flowmachine_error(reply)  # a refusal of a spec says what is wrong with it
        if not reply.succeeded:
            raise ApiError(400, reply.msg, "invalid_query_spec", extra={"payload": reply.payload})
        added = query_needs(current, reply.payload.get("aggregation_unit"))
        needs |= added if services().settings.check_nested_units else Needs(added.scopes)
        for query_id in subset_ids(current) - seen:
            seen.add(query_id)
            referenced = await _subset(query_id)
            if referenced is not None:
                pending.append(referenced)
    return needs


async def _subset(query_id: str) -> Any:
    """Return the spec of a query named as a subset, None if it has none and that is allowed."""
    reply = await ask_flowmachine("get_query_params", {"query_id": query_id})
    if reply.succeeded:
        return reply.required("query_params")
    if reply.query_state != "awol":
        raise flowmachine_error(reply)
    if services().settings.allow_unregistered_subsets:
        return None
    raise ApiError(
        403,
        f"The subscriber subset '{query_id}' was not run through this API, so that it cannot be checked "
        "whether you may use it. The server's operator can allow such subsets.",
        "subset_not_permitted",
    )


async def logged_payload() -> Any:
    """Return the request's JSON body for the log, None if it has none or it is large."""
    if not request.is_json or (request.content_length or 0) > MAX_LOGGED_PAYLOAD:
        return None
    body = await request.get_data()
    if len(body) > MAX_LOGGED_PAYLOAD:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


async def _log_refused_token(error: TokenError) -> None:
    metrics.count_refused_token(error.code)
    details: dict[str, Any] = {"json_payload": await logged_payload()}
    if error.claims is not None:
        details |= {"identity": error.claims.get("sub"), "expired_token": error.claims}
    else:
        details |= {"error_string": error.msg}
    access_log().error(error.event, **details)


def _log_caller(caller: Caller) -> None:
    """Log who the caller is; of its scopes only how many each role has, because the list is long."""
    who = {
        "request_id": g.request_id,
        "route": request.path,
        "user": caller.user,
        "src_ip": request.remote_addr or "",
    }
    access_log().info("Attempting to load user", **who)
    held = {role: len(scopes) for role, scopes in caller.roles.items()}
    access_log().info("Loaded user", **who, claims=held)
