"""Results as the tables of other libraries, asynchronously."""

from typing import Any

from flowclient._formats import check_format, fetch_table
from flowclient._polling import time_limit
from flowclient._steps import finish_asynchronously
from flowclient.async_client import get_result_location_from_id_when_ready
from flowclient.async_connection import ASyncConnection


async def get_table_by_query_id(
    *,
    connection: ASyncConnection,
    query_id: str,
    format: str,
    poll_interval: float = 1,
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> Any:
    """Wait for a query and fetch its result as a table; see `flowclient.tables.get_table_by_query_id`."""
    check_format(format)
    location = await get_result_location_from_id_when_ready(
        connection=connection,
        query_id=query_id,
        poll_interval=poll_interval,
        disable_progress=disable_progress,
        **time_limit(timeout),
    )
    return await finish_asynchronously(fetch_table(connection, location, format))
