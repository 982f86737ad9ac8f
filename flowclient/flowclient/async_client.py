"""Functions of the asynchronous client: the twins of those in `flowclient.client`.

Parameters, results and exceptions are those of the synchronous functions of the same name.
"""

import asyncio
import logging
import os
from typing import Any

import httpx
import pandas as pd

from flowclient import _responses, _routes
from flowclient._polling import time_limit
from flowclient._requests import fetch
from flowclient._steps import finish_asynchronously
from flowclient._waiting import until_ready
from flowclient.async_connection import ASyncConnection
from flowclient.async_qa import (
    get_available_qa_checks,
    get_available_qa_checks_df,
    get_qa_check_outcome,
    get_qa_check_outcomes,
    get_qa_check_outcomes_df,
)
from flowclient.errors import FlowclientConnectionError

__all__ = [
    "FlowclientConnectionError",
    "connect_async",
    "get_available_dates",
    "get_available_qa_checks",
    "get_available_qa_checks_df",
    "get_geography",
    "get_geojson_result",
    "get_geojson_result_by_query_id",
    "get_json_dataframe",
    "get_qa_check_outcome",
    "get_qa_check_outcomes",
    "get_qa_check_outcomes_df",
    "get_result",
    "get_result_by_query_id",
    "get_result_location_from_id_when_ready",
    "get_status",
    "query_is_ready",
    "run_query",
    "wait_for_query_to_be_ready",
]

logger: logging.Logger = logging.getLogger(__name__)


async def _get(connection: ASyncConnection, route: str) -> httpx.Response:
    return await finish_asynchronously(fetch(connection, route))


async def connect_async(
    *,
    url: str,
    token: str,
    api_version: int = 0,
    ssl_certificate: str | os.PathLike[str] | bool | None = True,
) -> ASyncConnection:
    """Connect to a FlowAPI server; see `flowclient.ASyncConnection` for the parameters."""
    return ASyncConnection(url=url, token=token, api_version=api_version, ssl_certificate=ssl_certificate)


async def query_is_ready(*, connection: ASyncConnection, query_id: str) -> tuple[bool, httpx.Response]:
    """Ask whether the result of a query can be fetched, and return that and the answer."""
    response = await connection.get_url(route=_routes.poll(query_id))
    ready = _responses.is_ready(response)
    logger.info(
        "Polled query %s: %s", query_id, "ready" if ready else _responses.body(response).get("progress")
    )
    return ready, response


async def get_status(*, connection: ASyncConnection, query_id: str) -> str:
    """Return the state of a query: ``not_running``, ``queued``, ``executing`` or ``completed``."""
    try:
        return _responses.status(await connection.get_url(route=_routes.poll(query_id)))
    except FileNotFoundError:
        return "not_running"


async def wait_for_query_to_be_ready(
    *,
    connection: ASyncConnection,
    query_id: str,
    poll_interval: float = 1,
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> httpx.Response:
    """Wait until the result of a query can be fetched, showing a progress bar."""
    return await finish_asynchronously(
        until_ready(
            lambda: query_is_ready(connection=connection, query_id=query_id),
            query_id=query_id,
            poll_interval=poll_interval,
            disable_progress=disable_progress,
            timeout=timeout,
        )
    )


async def get_result_location_from_id_when_ready(
    *,
    connection: ASyncConnection,
    query_id: str,
    poll_interval: float = 1,
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> str:
    """Wait for a query and return the route of its result; see `wait_for_query_to_be_ready`."""
    response = await wait_for_query_to_be_ready(
        connection=connection,
        query_id=query_id,
        poll_interval=poll_interval,
        disable_progress=disable_progress,
        **time_limit(timeout),
    )
    return _responses.result_route(response)


async def get_json_dataframe(*, connection: ASyncConnection, location: str) -> pd.DataFrame:
    """Fetch the result at a route as a data frame."""
    # Reading a large result takes seconds, in which other queries should be able to go on.
    return await asyncio.to_thread(_responses.data_frame, await _get(connection, location))


async def get_result_by_query_id(
    *,
    connection: ASyncConnection,
    query_id: str,
    poll_interval: float = 1,
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> pd.DataFrame:
    """Wait for a query that was run and fetch its result as a data frame.

    Parameters and exceptions are those of `wait_for_query_to_be_ready`. Dates stay text; a result
    without rows is an empty frame without columns.
    """
    location = await get_result_location_from_id_when_ready(
        connection=connection,
        query_id=query_id,
        poll_interval=poll_interval,
        disable_progress=disable_progress,
        **time_limit(timeout),
    )
    return await get_json_dataframe(connection=connection, location=location)


async def get_geojson_result_by_query_id(
    *,
    connection: ASyncConnection,
    query_id: str,
    poll_interval: float = 1,
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> dict[str, Any]:
    """Wait for a query that was run and fetch its result as a GeoJSON FeatureCollection.

    Parameters and exceptions are those of `wait_for_query_to_be_ready`.
    """
    location = await get_result_location_from_id_when_ready(
        connection=connection,
        query_id=query_id,
        poll_interval=poll_interval,
        disable_progress=disable_progress,
        **time_limit(timeout),
    )
    response = await _get(connection, f"{location}.geojson")
    features: dict[str, Any] = await asyncio.to_thread(_responses.json_content, response, "result")
    return features


async def run_query(*, connection: ASyncConnection, query_spec: dict[str, Any]) -> str:
    """Ask the server to run a query and return the query's id.

    Raises
    ------
    FlowclientConnectionError
        If the specification is wrong, or the token does not grant it.
    """
    logger.info("Requesting run of a query of kind %s", query_spec.get("query_kind"))
    response = await connection.post_json(route="run", data=query_spec)
    query_id = _responses.accepted_query_id(response)
    logger.info("Accepted as query %s", query_id)
    return query_id


async def get_result(
    *,
    connection: ASyncConnection,
    query_spec: dict[str, Any],
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> pd.DataFrame:
    """Run a query, wait for it and fetch its result as a data frame; see `get_result_by_query_id`."""
    query_id = await run_query(connection=connection, query_spec=query_spec)
    return await get_result_by_query_id(
        connection=connection, query_id=query_id, disable_progress=disable_progress, **time_limit(timeout)
    )


async def get_geojson_result(
    *,
    connection: ASyncConnection,
    query_spec: dict[str, Any],
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> dict[str, Any]:
    """Run a query, wait for it and fetch its result as GeoJSON; see `get_geojson_result_by_query_id`."""
    query_id = await run_query(connection=connection, query_spec=query_spec)
    return await get_geojson_result_by_query_id(
        connection=connection, query_id=query_id, disable_progress=disable_progress, **time_limit(timeout)
    )


async def get_geography(*, connection: ASyncConnection, aggregation_unit: str) -> dict[str, Any]:
    """Return the regions of a spatial unit as a GeoJSON FeatureCollection.

    Parameters
    ----------
    connection
        Connection to FlowAPI.
    aggregation_unit
        ``admin0`` to ``admin3``, or ``lon-lat``.
    """
    response = await _get(connection, _routes.geography(aggregation_unit))
    features: dict[str, Any] = await asyncio.to_thread(_responses.json_content, response, "result")
    return features


async def get_available_dates(
    *, connection: ASyncConnection, event_types: list[str] | None = None
) -> dict[str, list[str]]:
    """Return the days with data (``YYYY-MM-DD``) by event type.

    Parameters
    ----------
    connection
        Connection to FlowAPI.
    event_types
        Event types to keep; all by default.
    """
    return _responses.available_dates(await _get(connection, "available_dates"), event_types)
