"""Results saved to files."""

import os

from flowclient._files import result_format
from flowclient._polling import time_limit
from flowclient._requests import fetch_file
from flowclient._steps import finish
from flowclient.client import get_result_location_from_id_when_ready
from flowclient.connection import Connection


def download_result(
    *,
    connection: Connection,
    query_id: str,
    path: str | os.PathLike[str],
    poll_interval: float = 1,
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> None:
    """Wait for a query that was run and save its result to a file.

    The result is written as it arrives, so it may be larger than memory; the file appears only when
    it is complete.

    Parameters
    ----------
    connection
        Connection to FlowAPI.
    query_id
        Id of a query that was run.
    path
        Name of the file; its ending says the format: ``.csv``, ``.json``, ``.geojson``, or,
        from servers that have them, ``.arrow`` and ``.parquet``.
    poll_interval
        Seconds between the first two polls.
    disable_progress
        True hides the progress bar, False shows it, None shows it in terminals and notebooks only.
    timeout
        Seconds to wait for the query at most; None waits as long as it takes.

    Raises
    ------
    ValueError
        If the file's name has another ending.
    FileNotFoundError
        If the file's directory does not exist, or the server does not know the query or is not
        running it.
    FlowclientConnectionError
        If the query failed, or the result did not arrive whole.
    """
    ending = result_format(path)
    location = get_result_location_from_id_when_ready(
        connection=connection,
        query_id=query_id,
        poll_interval=poll_interval,
        disable_progress=disable_progress,
        **time_limit(timeout),
    )
    finish(fetch_file(connection, f"{location}.{ending}", path))
