"""The actions that clients can ask for, each a method that answers with a reply."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

import attrs
import redis
import sqlalchemy as sa

from flowmachine.api.fields import spatial_unit
from flowmachine.api.openapi import query_schemas
from flowmachine.api.registry import InvalidSpecError, available_queries
from flowmachine.core import logs, qa_checks, sql
from flowmachine.core.errors import InvalidSpatialUnitError, UnknownQueryError
from flowmachine.core.execute import Engine
from flowmachine.core.geojson import geography_features, result_features
from flowmachine.core.state import QueryState, Record
from flowmachine.core.task import Run
from flowmachine.server.envelope import Reply, RequestError, success
from flowmachine.server.queries import KnownQuery, Queries

log = logs.debug_log(__name__)

HEALTH_SECONDS = 3
"""How long a service may take to answer."""

T = TypeVar("T")
Handler = Callable[..., Awaitable[Reply]]


def _not_buildable(error: Exception) -> RequestError:
    return RequestError("Unable to create query object.", exception=str(error))


class Actions:
    """Answers requests with an engine; whatever touches FlowDB or Redis runs off the event loop.

    Parameters
    ----------
    engine : Engine
    queries : Queries
    executor : concurrent.futures.Executor
        Runs what would block.
    """

    def __init__(self, engine: Engine, queries: Queries, executor: Executor) -> None:
        self._engine = engine
        self._queries = queries
        self._executor = executor
        self._stopping = False
        self.handlers: dict[str, Handler] = {
            "ping": self.ping,
            "get_available_queries": self.get_available_queries,
            "get_query_schemas": self.get_query_schemas,
            "run_query": self.run_query,
            "poll_query": self.poll_query,
            "get_query_kind": self.get_query_kind,
            "get_query_params": self.get_query_params,
            "get_sql_for_query_result": self.get_sql_for_query_result,
            "get_geo_sql_for_query_result": self.get_geo_sql_for_query_result,
            "get_geography": self.get_geography,
            "get_available_dates": self.get_available_dates,
            "get_aggregation_unit": self.get_aggregation_unit,
            "list_qa_checks": self.list_qa_checks,
            "get_qa_checks": self.get_qa_checks,
            "cancel_query": self.cancel_query,
            "health": self.health,
        }

    def stop_accepting(self) -> None:
        """Start no more queries: this server is about to end. Everything else is still answered."""
        self._stopping = True

    async def _off_loop(self, function: Callable[..., T], *args: Any) -> T:
        call = partial(copy_context().run, function, *args)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    async def _parse(self, params: dict[str, Any]) -> KnownQuery:
        try:
            return await self._off_loop(self._queries.parse, params)
        except InvalidSpecError as error:
            shown = json.dumps(params, indent=2), json.dumps(error.messages, indent=2)
            raise RequestError(
                "Parameter validation failed. "
                f"The action parameters were: {shown[0]}. Validation error messages: {shown[1]}",
                params=params,
                validation_error_messages=error.messages,
            ) from None
        except ValueError as error:  # each field is good, but not all of them together
            raise _not_buildable(error) from error

    async def _known(self, query_id: str) -> KnownQuery:
        known = await self._off_loop(self._queries.get, query_id)
        if known is None:
            raise RequestError(f"Unknown query id: '{query_id}'", query_id=query_id, query_state="awol")
        return known

    async def _record(self, known: KnownQuery) -> Record:
        return await self._off_loop(self._engine.record, known.query)

    async def ping(self) -> Reply:
        """Answer ``pong``."""
        return success("pong")

    async def get_available_queries(self) -> Reply:
        """List the kinds that can be run."""
        return success(available_queries=available_queries())

    async def get_query_schemas(self) -> Reply:
        """Return the schemas of all kinds as OpenAPI components."""
        return success(query_schemas=await self._off_loop(query_schemas))

    async def run_query(self, **params: Any) -> Reply:
        """Start a query unless it is stored or under way; one that errored or was cancelled starts again."""
        if self._stopping:
            raise RequestError("FlowMachine is shutting down; try again in a moment.", code="shutting_down")
        known = await self._parse(params)
        await asyncio.sleep(known.spec.delay)
        try:
            known.run = await self._off_loop(self._accept, known)
        except (sa.exc.OperationalError, redis.RedisError):  # the query may be good: the services are away
            raise
        except Exception as error:
            raise _not_buildable(error) from error
        await self._off_loop(self._queries.register, known)
        return success(query_id=known.query.query_id, progress=attrs.asdict(known.run.progress()))

    def _accept(self, known: KnownQuery) -> Run:
        return self._engine.submit(known.query, request=known.request)

    async def _adopt(self, known: KnownQuery) -> Record:
        """Take over a query that another server had accepted, and then died or stopped."""
        if self._stopping:  # another server will
            return Record(QueryState.QUEUED)
        log.info("Taking over a query.", query_id=known.query.query_id)
        try:
            known.run = await self._off_loop(self._accept, known)
        except (sa.exc.OperationalError, redis.RedisError):
            raise
        except Exception as error:  # such as that its days are gone: it ends all the same
            log.exception("A query could not be taken over.", query_id=known.query.query_id)
            await self._off_loop(self._engine.refuse, known.query.query_id, error)
        return await self._record(known)

    async def poll_query(self, query_id: str) -> Reply:
        """Tell the state and progress of a query, and why it errored."""
        known = await self._known(query_id)
        record = await self._record(known)
        if record.orphaned and record.state is QueryState.KNOWN:
            record = await self._adopt(known)
        return success(
            query_id=query_id,
            query_kind=known.spec.kind(),
            query_state=record.state,
            progress=attrs.asdict(known.progress(record.state)),
            **({"error": record.error} if record.state is QueryState.ERRORED else {}),
        )

    async def get_query_kind(self, query_id: str) -> Reply:
        """Tell the kind of a query."""
        known = await self._known(query_id)
        return success(query_id=query_id, query_kind=known.spec.kind())

    async def get_query_params(self, query_id: str) -> Reply:
        """Return the spec of a query as it was submitted."""
        known = await self._known(query_id)
        return success(query_id=query_id, query_params=known.params)

    async def _completed(self, query_id: str) -> KnownQuery:
        known = await self._known(query_id)
        record = await self._record(known)
        if record.state is not QueryState.COMPLETED:
            cause = f" {record.error}" if record.error else ""
            raise RequestError(
                f"Query with id '{query_id}' {record.state.description}.{cause}",
                query_id=query_id,
                query_state=record.state,
            )
        return known

    async def _read_statement(self, known: KnownQuery) -> str:
        query_id = known.query.query_id
        try:
            return await self._off_loop(self._engine.read_statement, known.query)
        except UnknownQueryError:  # its table has been dropped since it was completed
            state = QueryState.KNOWN
            raise RequestError(
                f"Query with id '{query_id}' {state.description}.", query_id=query_id, query_state=state
            ) from None

    async def get_sql_for_query_result(self, query_id: str) -> Reply:
        """Return the SQL that reads the result of a completed query."""
        known = await self._completed(query_id)
        statement = await self._read_statement(known)
        return success(query_id=query_id, query_state=QueryState.COMPLETED, sql=statement)

    async def get_geo_sql_for_query_result(self, query_id: str) -> Reply:
        """Return the SQL that reads the result of a completed query as GeoJSON features."""
        known = await self._completed(query_id)
        await self._read_statement(known)
        try:
            features = sql.render(result_features(known.query))
        except InvalidSpatialUnitError:
            raise RequestError(
                f"Query with id '{query_id}' has no geojson compatible representation.",
                query_id=query_id,
                query_state=QueryState.ERRORED,
            ) from None
        unit = known.spec.unit
        return success(
            query_id=query_id,
            query_state=QueryState.COMPLETED,
            sql=features,
            aggregation_unit=unit.canonical_name if unit else None,
        )

    async def get_geography(self, aggregation_unit: str) -> Reply:
        """Return the SQL that reads the places of a unit as GeoJSON features."""
        try:
            unit = spatial_unit(aggregation_unit)
        except ValueError as error:
            raise RequestError("Parameter validation failed.", aggregation_unit=[str(error)]) from None
        if unit.has_lon_lat_columns:
            # The positions are those of cells, of which the role that serves results may read no more.
            run = await self._off_loop(self._engine.submit, unit)
            await asyncio.wrap_future(run.future)
        return success(query_state=QueryState.COMPLETED, sql=sql.render(geography_features(unit)))

    async def get_available_dates(self) -> Reply:
        """List the loaded days of each event type."""
        days = await self._off_loop(lambda: self._engine.connection.available_dates)
        return Reply(
            "success", payload={name: [day.isoformat() for day in loaded] for name, loaded in days.items()}
        )

    async def get_aggregation_unit(self, **params: Any) -> Reply:
        """Tell the aggregation unit of the result that a spec would have."""
        known = await self._parse(params)
        unit = known.spec.unit
        return success(aggregation_unit=unit.canonical_name if unit else None)

    async def list_qa_checks(self) -> Reply:
        """List the quality checks that have results, by event type."""
        with_results = await self._off_loop(qa_checks.list_checks, self._engine.connection.lookups)
        return success(available_qa_checks=with_results)

    async def get_qa_checks(self, cdr_type: str, start_date: str, end_date: str, check_type: str) -> Reply:
        """Return the results of a quality check for a range of days, both ends included."""
        lookups = self._engine.connection.lookups
        found = await self._off_loop(
            qa_checks.get_checks, lookups, cdr_type, start_date, end_date, check_type
        )
        return success(qa_checks=found)

    async def cancel_query(self, query_id: str) -> Reply:
        """Cancel a query that is queued or executing, whichever server runs it, and its statement."""
        known = await self._known(query_id)
        await self._record(known)  # what was accepted and Redis has lost is written down there again
        cancelled = await self._off_loop(self._engine.cancel, query_id)
        record = await self._record(known)
        if not cancelled:
            raise RequestError(
                f"Query with id '{query_id}' {record.state.description}.",
                query_id=query_id,
                query_state=record.state,
            )
        return success(query_id=query_id, query_state=record.state)

    async def health(self) -> Reply:
        """Tell whether FlowDB and Redis answer this server."""
        checks: dict[str, Callable[[], object]] = {
            "flowdb": self._engine.connection.ping,
            "redis": lambda: self._engine.states.client.ping(),
        }
        unwell = []
        for name, check in checks.items():
            try:
                await asyncio.wait_for(self._off_loop(check), HEALTH_SECONDS)
            except (TimeoutError, sa.exc.SQLAlchemyError, redis.RedisError) as error:
                log.warning("A service does not answer.", service=name, error=type(error).__name__)
                unwell.append(name)
        if unwell:
            raise RequestError(f"Not answering: {', '.join(unwell)}.", unwell=unwell)
        return success("healthy")
