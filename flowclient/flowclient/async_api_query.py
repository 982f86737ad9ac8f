"""Queries as objects, for asynchronous programs."""

import logging
import os
from collections.abc import Coroutine
from typing import Any

from flowclient._files import result_format
from flowclient._polling import time_limit
from flowclient.api_query import APIQuery, check_format
from flowclient.async_client import (
    get_geojson_result_by_query_id,
    get_result_by_query_id,
    get_status,
    run_query,
    wait_for_query_to_be_ready,
)
from flowclient.async_connection import ASyncConnection
from flowclient.async_downloads import download_result

logger = logging.getLogger(__name__)


class ASyncAPIQuery(APIQuery):
    """A query of FlowAPI; its methods and its `status` are awaited.

    Parameters
    ----------
    connection
        Asynchronous connection to FlowAPI.
    parameters
        Specification of the query.
    """

    def __init__(self, *, connection: ASyncConnection, parameters: dict[str, Any]) -> None:
        self._connection: ASyncConnection = connection  # type: ignore[assignment]
        self.parameters = dict(parameters)

    @property
    def connection(self) -> ASyncConnection:  # type: ignore[override]
        """Connection that the query is bound to."""
        return self._connection

    async def run(self) -> None:  # type: ignore[override]
        """Ask the server to run the query; see `flowclient.APIQuery.run`."""
        self._query_id = await run_query(connection=self.connection, query_spec=self.parameters)

    @property
    def status(self) -> Coroutine[Any, Any, str]:  # type: ignore[override]
        """State of the query, to be awaited."""
        return self._get_status()

    async def _get_status(self) -> str:
        if not self._was_run:
            return "not_running"
        return await get_status(connection=self.connection, query_id=self._query_id)

    async def get_result(
        self,
        format: str = "pandas",
        poll_interval: float = 1,
        disable_progress: bool | None = None,
        *,
        timeout: float | None = None,
    ) -> Any:
        """Fetch the result; see `flowclient.APIQuery.get_result`."""
        check_format(format)
        if not self._was_run:
            await self.run()
            return await self._fetch(format, poll_interval, disable_progress, timeout)
        try:
            return await self._fetch(format, poll_interval, disable_progress, timeout)
        except FileNotFoundError:
            logger.warning("The server no longer knows query %s; running it again.", self._query_id)
            await self.run()
            return await self._fetch(format, poll_interval, disable_progress, timeout)

    async def _fetch(  # type: ignore[override]
        self, result_format: str, poll_interval: float, disable_progress: bool | None, timeout: float | None
    ) -> Any:
        fetch = get_result_by_query_id if result_format == "pandas" else get_geojson_result_by_query_id
        return await fetch(
            connection=self.connection,
            query_id=self._query_id,
            poll_interval=poll_interval,
            disable_progress=disable_progress,
            **time_limit(timeout),
        )

    async def download(  # type: ignore[override]
        self,
        path: str | os.PathLike[str],
        poll_interval: float = 1,
        disable_progress: bool | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        """Save the result to a file; see `flowclient.APIQuery.download`."""
        result_format(path)
        if not self._was_run:
            await self.run()
        await download_result(
            connection=self.connection,
            query_id=self._query_id,
            path=path,
            poll_interval=poll_interval,
            disable_progress=disable_progress,
            **time_limit(timeout),
        )

    async def wait_until_ready(  # type: ignore[override]
        self,
        poll_interval: float = 1,
        disable_progress: bool | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        """Wait until the result can be fetched; see `flowclient.APIQuery.wait_until_ready`."""
        self._require_run()
        await wait_for_query_to_be_ready(
            connection=self.connection,
            query_id=self._query_id,
            poll_interval=poll_interval,
            disable_progress=disable_progress,
            **time_limit(timeout),
        )
