"""Results saved to files, asynchronously."""

import os

from flowclient._files import result_format
from flowclient._polling import time_limit
from flowclient._requests import fetch_file
from flowclient._steps import finish_asynchronously
from flowclient.async_client import get_result_location_from_id_when_ready
from flowclient.async_connection import ASyncConnection


async def download_result(
    *,
    connection: ASyncConnection,
    query_id: str,
    path: str | os.PathLike[str],
    poll_interval: float = 1,
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> None:
    """Wait for a query that was run and save its result; see `flowclient.downloads.download_result`."""
    ending = result_format(path)
    location = await get_result_location_from_id_when_ready(
        connection=connection,
        query_id=query_id,
        poll_interval=poll_interval,
        disable_progress=disable_progress,
        **time_limit(timeout),
    )
    await finish_asynchronously(fetch_file(connection, f"{location}.{ending}", path))
