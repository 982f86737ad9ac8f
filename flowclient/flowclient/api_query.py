"""Queries as objects."""

import html
import json
import logging
import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

import pandas as pd

from flowclient import _plots
from flowclient._files import result_format
from flowclient._formats import check_format
from flowclient._polling import time_limit
from flowclient._steps import Steps, finish
from flowclient.client import (
    get_geography,
    get_geojson_result_by_query_id,
    get_result_by_query_id,
    get_status,
    run_query,
    wait_for_query_to_be_ready,
)
from flowclient.connection import Connection
from flowclient.downloads import download_result
from flowclient.tables import get_table_by_query_id

if TYPE_CHECKING:
    from flowclient.maps import Map

logger: logging.Logger = logging.getLogger(__name__)


class APIQuery:
    """A query of FlowAPI.

    Making one sends nothing; `run` does, and so does `get_result` if it has to.

    Parameters
    ----------
    connection
        Connection to FlowAPI.
    parameters
        Specification of the query.
    """

    _query_id: str

    def __init__(self, *, connection: Connection, parameters: dict[str, Any]) -> None:
        self._connection = connection
        self.parameters: dict[str, Any] = dict(parameters)

    @property
    def connection(self) -> Connection:
        """Connection that the query is bound to."""
        return self._connection

    @property
    def query_id(self) -> str | None:
        """Id of the query at the server; None before it was run from here."""
        return getattr(self, "_query_id", None)

    @property
    def _was_run(self) -> bool:
        return hasattr(self, "_query_id")

    def _require_run(self) -> None:
        if not self._was_run:
            raise FileNotFoundError("Query is not running.")

    def run(self) -> None:
        """Ask the server to run the query; a query that was run before is not computed again.

        Raises
        ------
        FlowclientConnectionError
            If the specification is wrong, or the token does not grant it.
        """
        self._query_id = run_query(connection=self.connection, query_spec=self.parameters)

    def _run(self) -> Any:
        return self.run()  # the asynchronous one returns a coroutine

    @property
    def status(self) -> str:
        """State of the query: ``not_running``, ``queued``, ``executing`` or ``completed``."""
        if not self._was_run:
            return "not_running"
        return get_status(connection=self.connection, query_id=self._query_id)

    @overload
    def get_result(
        self,
        format: Literal["pandas"] = ...,
        poll_interval: float = ...,
        disable_progress: bool | None = ...,
        *,
        timeout: float | None = ...,
    ) -> pd.DataFrame: ...
    @overload
    def get_result(
        self,
        format: Literal["geojson"],
        poll_interval: float = ...,
        disable_progress: bool | None = ...,
        *,
        timeout: float | None = ...,
    ) -> dict[str, Any]: ...
    @overload
    def get_result(
        self,
        format: str,
        poll_interval: float = ...,
        disable_progress: bool | None = ...,
        *,
        timeout: float | None = ...,
    ) -> Any: ...
    def get_result(
        self,
        format: str = "pandas",
        poll_interval: float = 1,
        disable_progress: bool | None = None,
        *,
        timeout: float | None = None,
    ) -> Any:
        """Fetch the result, running the query and waiting for it as needed.

        If the server no longer knows the query, it is run again, once.

        Parameters
        ----------
        format
            ``pandas`` for a data frame, ``geojson`` for a GeoJSON FeatureCollection as a dict,
            ``geopandas`` for a GeoDataFrame, ``arrow`` for a pyarrow.Table, ``polars`` for a data frame
            of polars. The last three need a library each.
        poll_interval
            Seconds between the first two polls.
        disable_progress
            True hides the progress bar, False shows it, None shows it in terminals and notebooks only.
        timeout
            Seconds to wait at most; None waits as long as it takes.

        Raises
        ------
        ValueError
            If the format is another.
        ImportError
            If the format's library is not installed; the text says what to install.
        FlowclientConnectionError
            If the query failed, the token does not grant it, or the server cannot be reached.
        """
        check_format(format)
        fetch: Callable[..., Any] = {
            "pandas": get_result_by_query_id,
            "geojson": get_geojson_result_by_query_id,
        }.get(format) or partial(get_table_by_query_id, format=format)
        return finish(self._result(fetch, poll_interval, disable_progress, timeout))

    def _result(
        self,
        fetch: Callable[..., Any],
        poll_interval: float,
        disable_progress: bool | None,
        timeout: float | None,
        **arguments: Any,
    ) -> Steps[Any]:
        """Run the query if it was not, wait and fetch; run it again, once, if the server forgot it."""

        def attempt() -> Any:
            return fetch(
                connection=self.connection,
                query_id=self._query_id,
                poll_interval=poll_interval,
                disable_progress=disable_progress,
                **arguments,
                **time_limit(timeout),
            )

        if self._was_run:
            try:
                return (yield attempt())
            except FileNotFoundError as error:
                # One with a number is of this computer's files, not of the server's queries.
                if error.errno is not None:
                    raise
                logger.warning("The server no longer knows query %s; running it again.", self._query_id)
        yield self._run()
        return (yield attempt())

    def download(
        self,
        path: str | os.PathLike[str],
        poll_interval: float = 1,
        disable_progress: bool | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        """Save the result to a file, running the query and waiting for it as needed.

        Parameters
        ----------
        path
            Name of the file; its ending says the format: ``.csv``, ``.json``, ``.geojson``, or,
            from servers that have them, ``.arrow`` and ``.parquet``.
        poll_interval, disable_progress, timeout
            As of `get_result`.

        Raises
        ------
        ValueError
            If the file's name has another ending.
        FileNotFoundError
            If the file's directory does not exist.
        FlowclientConnectionError
            If the query failed, or the result did not arrive whole.
        """
        result_format(path)
        finish(self._result(download_result, poll_interval, disable_progress, timeout, path=path))

    def plot(
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
        """Draw the result on a map: regions by colour, or arrows if it is about pairs of regions.

        Needs ``flowclient[maps]``, and a token that grants the geography of the query's spatial unit,
        so that regions without a released value are shown as such.

        Parameters
        ----------
        title, subtitle
            Text above the map; by default the kind of the query.
        unit
            What the numbers are, for the legend; by default the name of the column.
        column
            The column to draw.
        per_area
            Whether to divide by the region's area: a number per 100 km². Not for averages and shares.
        note
            Text below the map, such as the source of the data.
        poll_interval, disable_progress, timeout
            As of `get_result`.

        Returns
        -------
        flowclient.maps.Map
            Shows itself in a notebook, and has ``save``.

        Raises
        ------
        ValueError
            If the result has no regions, or several rows for one: see `flowclient.maps`, whose
            functions draw any data frame.
        ImportError
            If a library is missing; the text says what to install.
        FlowclientConnectionError
            As of `get_result`.
        """
        return finish(
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

    def wait_until_ready(
        self,
        poll_interval: float = 1,
        disable_progress: bool | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        """Wait until the result can be fetched; parameters as of `get_result`.

        Raises
        ------
        FileNotFoundError
            If the query was not run.
        """
        self._require_run()
        wait_for_query_to_be_ready(
            connection=self.connection,
            query_id=self._query_id,
            poll_interval=poll_interval,
            disable_progress=disable_progress,
            **time_limit(timeout),
        )

    def __repr__(self) -> str:
        name = f"{type(self).__module__}.{type(self).__qualname__}"
        return f"<{name} object, connection={self.connection!r}, parameters={self.parameters!r}>"

    def _repr_html_(self) -> str:
        """Show the query in a notebook; nothing is asked of the server for it."""
        kind = html.escape(str(self.parameters.get("query_kind", "query")))
        run = f"run as <code>{html.escape(self._query_id)}</code>" if self._was_run else "not run yet"
        details = html.escape(json.dumps(self.parameters, indent=2, default=str))
        return (
            f"<details><summary><b>{kind}</b>, {run}, {html.escape(repr(self.connection))}</summary>"
            f"<pre>{details}</pre></details>"
        )
