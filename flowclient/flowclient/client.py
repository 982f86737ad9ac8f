"""Functions of the synchronous client."""

import logging
import os
from typing import Any

import httpx
import pandas as pd

from flowclient import _responses, _routes
from flowclient._polling import time_limit
from flowclient._requests import fetch
from flowclient._steps import finish, take
from flowclient._waiting import until_ready
from flowclient.connection import Connection
from flowclient.errors import FlowclientConnectionError
from flowclient.qa import (
    get_available_qa_checks,
    get_available_qa_checks_df,
    get_qa_check_outcome,
    get_qa_check_outcomes,
    get_qa_check_outcomes_df,
)

__all__ = [
    "FlowclientConnectionError",
    "connect",
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


def _get(connection: Connection, route: str) -> httpx.Response:
    return finish(fetch(connection, route))


def connect(
    *,
    url: str,
    token: str,
    api_version: int = 0,
    ssl_certificate: str | os.PathLike[str] | bool | None = True,
) -> Connection:
    """Connect to a FlowAPI server; see `flowclient.Connection` for the parameters."""
    return Connection(url=url, token=token, api_version=api_version, ssl_certificate=ssl_certificate)


def query_is_ready(*, connection: Connection, query_id: str) -> tuple[bool, httpx.Response]:
    """Ask whether the result of a query can be fetched.

    Returns
    -------
    tuple of bool and httpx.Response
        Whether it can, and the server's answer.

    Raises
    ------
    FileNotFoundError
        If the server does not know the query, or it is not running.
    FlowclientConnectionError
        If the query failed, or the server cannot be asked.
    """
    response: httpx.Response = take(connection.get_url(route=_routes.poll(query_id)))
    ready = _responses.is_ready(response)
    logger.info(
        "Polled query %s: %s", query_id, "ready" if ready else _responses.body(response).get("progress")
    )
    return ready, response


def get_status(*, connection: Connection, query_id: str) -> str:
    """Return the state of a query: ``not_running``, ``queued``, ``executing`` or ``completed``.

    Raises
    ------
    FlowclientConnectionError
        If the query failed or was cancelled, or the server cannot be asked.
    """
    try:
        return _responses.status(take(connection.get_url(route=_routes.poll(query_id))))
    except FileNotFoundError:
        return "not_running"


def wait_for_query_to_be_ready(
    *,
    connection: Connection,
    query_id: str,
    poll_interval: float = 1,
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> httpx.Response:
    """Wait until the result of a query can be fetched, showing a progress bar.

    Parameters
    ----------
    connection
        Connection to FlowAPI.
    query_id
        Id of a query that was run.
    poll_interval
        Seconds between the first two polls; later intervals grow to five times that.
    disable_progress
        True hides the bar, False shows it, None shows it in terminals and notebooks only.
    timeout
        Seconds to wait at most; None waits as long as it takes.

    Returns
    -------
    httpx.Response
        The answer to the last poll.

    Raises
    ------
    FileNotFoundError
        If the server does not know the query, or it is not running.
    FlowclientTimeoutError
        If the time is up; the query keeps running.
    FlowclientConnectionError
        If the query failed, or several polls in a row were not answered.
    """
    return finish(
        until_ready(
            lambda: query_is_ready(connection=connection, query_id=query_id),
            query_id=query_id,
            poll_interval=poll_interval,
            disable_progress=disable_progress,
            timeout=timeout,
        )
    )


def get_result_location_from_id_when_ready(
    *,
    connection: Connection,
    query_id: str,
    poll_interval: float = 1,
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> str:
    """Wait for a query and return the route of its result; see `wait_for_query_to_be_ready`."""
    response = wait_for_query_to_be_ready(
        connection=connection,
        query_id=query_id,
        poll_interval=poll_interval,
        disable_progress=disable_progress,
        **time_limit(timeout),
    )
    return _responses.result_route(response)


def get_json_dataframe(*, connection: Connection, location: str) -> pd.DataFrame:
    """Fetch the result at a route as a data frame."""
    return _responses.data_frame(_get(connection, location))


def get_result_by_query_id(
    *,
    connection: Connection,
    query_id: str,
    poll_interval: float = 1,
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> pd.DataFrame:
    """Wait for a query that was run and fetch its result as a data frame.

    Parameters and exceptions are those of `wait_for_query_to_be_ready`. Dates stay text; a result
    without rows is an empty frame without columns.
    """
    location = get_result_location_from_id_when_ready(
        connection=connection,
        query_id=query_id,
        poll_interval=poll_interval,
        disable_progress=disable_progress,
        **time_limit(timeout),
    )
    return get_json_dataframe(connection=connection, location=location)


def get_geojson_result_by_query_id(
    *,
    connection: Connection,
    query_id: str,
    poll_interval: float = 1,
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> dict[str, Any]:
    """Wait for a query that was run and fetch its result as a GeoJSON FeatureCollection.

    Parameters and exceptions are those of `wait_for_query_to_be_ready`.
    """
    location = get_result_location_from_id_when_ready(
        connection=connection,
        query_id=query_id,
        poll_interval=poll_interval,
        disable_progress=disable_progress,
        **time_limit(timeout),
    )
    features: dict[str, Any] = _responses.json_content(_get(connection, f"{location}.geojson"), "result")
    return features


def run_query(*, connection: Connection, query_spec: dict[str, Any]) -> str:
    """Ask the server to run a query and return the query's id.

    Raises
    ------
    FlowclientConnectionError
        If the specification is wrong, or the token does not grant it.
    """
    logger.info("Requesting run of a query of kind %s", query_spec.get("query_kind"))
    response = take(connection.post_json(route="run", data=query_spec))
    query_id = _responses.accepted_query_id(response)
    logger.info("Accepted as query %s", query_id)
    return query_id


def get_result(
    *,
    connection: Connection,
    query_spec: dict[str, Any],
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> pd.DataFrame:
    """Run a query, wait for it and fetch its result as a data frame; see `get_result_by_query_id`."""
    query_id = run_query(connection=connection, query_spec=query_spec)
    return get_result_by_query_id(
        connection=connection, query_id=query_id, disable_progress=disable_progress, **time_limit(timeout)
    )


def get_geojson_result(
    *,
    connection: Connection,
    query_spec: dict[str, Any],
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> dict[str, Any]:
    """Run a query, wait for it and fetch its result as GeoJSON; see `get_geojson_result_by_query_id`."""
    query_id = run_query(connection=connection, query_spec=query_spec)
    return get_geojson_result_by_query_id(
        connection=connection, query_id=query_id, disable_progress=disable_progress, **time_limit(timeout)
    )


def get_geography(*, connection: Connection, aggregation_unit: str) -> dict[str, Any]:
    """Return the regions of a spatial unit as a GeoJSON FeatureCollection.

    Parameters
    ----------
    connection
        Connection to FlowAPI.
    aggregation_unit
        ``admin0`` to ``admin3``, or ``lon-lat``.
    """
    response = _get(connection, _routes.geography(aggregation_unit))
    features: dict[str, Any] = _responses.json_content(response, "result")
    return features


def get_available_dates(
    *, connection: Connection, event_types: list[str] | None = None
) -> dict[str, list[str]]:
    """Return the days with data (``YYYY-MM-DD``) by event type.

    Parameters
    ----------
    connection
        Connection to FlowAPI.
    event_types
        Event types to keep; all by default.
    """
    return _responses.available_dates(_get(connection, "available_dates"), event_types)
