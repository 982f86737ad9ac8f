"""Queries as objects."""

import logging
import os
from typing import Any

import pandas as pd

from flowclient._files import result_format
from flowclient._polling import time_limit
from flowclient.client import (
    get_geojson_result_by_query_id,
    get_result_by_query_id,
    get_status,
    run_query,
    wait_for_query_to_be_ready,
)
from flowclient.connection import Connection
from flowclient.downloads import download_result

logger = logging.getLogger(__name__)

FORMATS = ("pandas", "geojson")


def check_format(result_format: str) -> None:
    """Raise a ValueError if results do not come in this format."""
    if result_format not in FORMATS:
        raise ValueError(f"Invalid format: '{result_format}'. Expected one of {{'pandas', 'geojson'}}.")


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
        self.parameters = dict(parameters)

    @property
    def connection(self) -> Connection:
        """Connection that the query is bound to."""
        return self._connection

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

    @property
    def status(self) -> str:
        """State of the query: ``not_running``, ``queued``, ``executing`` or ``completed``."""
        if not self._was_run:
            return "not_running"
        return get_status(connection=self.connection, query_id=self._query_id)

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
            ``pandas`` for a data frame, ``geojson`` for a GeoJSON FeatureCollection.
        poll_interval
            Seconds between the first two polls.
        disable_progress
            True hides the progress bar, False shows it, None shows it on terminals only.
        timeout
            Seconds to wait at most; None waits as long as it takes.

        Raises
        ------
        ValueError
            If the format is another.
        FlowclientConnectionError
            If the query failed, the token does not grant it, or the server cannot be reached.
        """
        check_format(format)
        if not self._was_run:
            self.run()
            return self._fetch(format, poll_interval, disable_progress, timeout)
        try:
            return self._fetch(format, poll_interval, disable_progress, timeout)
        except FileNotFoundError:
            logger.warning("The server no longer knows query %s; running it again.", self._query_id)
            self.run()
            return self._fetch(format, poll_interval, disable_progress, timeout)

    def _fetch(
        self, result_format: str, poll_interval: float, disable_progress: bool | None, timeout: float | None
    ) -> pd.DataFrame | dict[str, Any]:
        fetch = get_result_by_query_id if result_format == "pandas" else get_geojson_result_by_query_id
        return fetch(
            connection=self.connection,
            query_id=self._query_id,
            poll_interval=poll_interval,
            disable_progress=disable_progress,
            **time_limit(timeout),
        )

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
            Name of the file; its ending says the format: ``.csv``, ``.geojson`` or ``.json``.
        poll_interval, disable_progress, timeout
            As of `get_result`.

        Raises
        ------
        ValueError
            If the file's name has another ending.
        FlowclientConnectionError
            If the query failed, or the result did not arrive whole.
        """
        result_format(path)
        if not self._was_run:
            self.run()
        download_result(
            connection=self.connection,
            query_id=self._query_id,
            path=path,
            poll_interval=poll_interval,
            disable_progress=disable_progress,
            **time_limit(timeout),
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
