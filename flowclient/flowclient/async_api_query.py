"""Queries as objects, for asynchronous programs."""

import os
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

import pandas as pd

from flowclient import _plots
from flowclient._files import result_format
from flowclient._formats import check_format
from flowclient._polling import time_limit
from flowclient._steps import finish_asynchronously
from flowclient.api_query import APIQuery
from flowclient.async_client import (
    get_geography,
    get_geojson_result_by_query_id,
    get_result_by_query_id,
    get_status,
    run_query,
    wait_for_query_to_be_ready,
)
from flowclient.async_connection import ASyncConnection
from flowclient.async_downloads import download_result
from flowclient.async_tables import get_table_by_query_id

if TYPE_CHECKING:
    from flowclient.maps import Map


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
        self.parameters: dict[str, Any] = dict(parameters)

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

    @overload  # type: ignore[override]
    async def get_result(
        self,
        format: Literal["pandas"] = ...,
        poll_interval: float = ...,
        disable_progress: bool | None = ...,
        *,
        timeout: float | None = ...,
    ) -> pd.DataFrame: ...
    @overload
    async def get_result(
        self,
        format: Literal["geojson"],
        poll_interval: float = ...,
        disable_progress: bool | None = ...,
        *,
        timeout: float | None = ...,
    ) -> dict[str, Any]: ...
    @overload
    async def get_result(
        self,
        format: str,
        poll_interval: float = ...,
        disable_progress: bool | None = ...,
        *,
        timeout: float | None = ...,
    ) -> Any: ...
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
        fetch: Callable[..., Any] = {
            "pandas": get_result_by_query_id,
            "geojson": get_geojson_result_by_query_id,
        }.get(format) or partial(get_table_by_query_id, format=format)
        return await finish_asynchronously(self._result(fetch, poll_interval, disable_progress, timeout))

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
        await finish_asynchronously(
            self._result(download_result, poll_interval, disable_progress, timeout, path=path)
        )

    async def plot(  # type: ignore[override]
        self,
        *,
        title: str | None = None,
        subtitle: str = "",
        unit: str | None = None,
        column: str = "value",
        per_area: bool = False,
        note: str = "",
        poll_interval: float = 1,
        disable_progress: bool | None = None,
        timeout: float | None = None,
    ) -> "Map":
        """Draw the result on a map; see `flowclient.APIQuery.plot`."""
        return await finish_asynchronously(
            _plots.plot(
                self.parameters,
                lambda: self.get_result("pandas", poll_interval, disable_progress, timeout=timeout),
                lambda regions: get_geography(connection=self.connection, aggregation_unit=regions),
                title=title,
                subtitle=subtitle,
                unit=unit,
                column=column,
                per_area=per_area,
                note=note,
            )
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
