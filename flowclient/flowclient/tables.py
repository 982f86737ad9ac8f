"""Results as the tables of other libraries."""

from typing import Any

from flowclient._formats import check_format, fetch_table
from flowclient._polling import time_limit
from flowclient._steps import finish
from flowclient.client import get_result_location_from_id_when_ready
from flowclient.connection import Connection


def get_table_by_query_id(
    *,
    connection: Connection,
    query_id: str,
    format: str,
    poll_interval: float = 1,
    disable_progress: bool | None = None,
    timeout: float | None = None,
) -> Any:
    """Wait for a query that was run and fetch its result as the table of another library.

    Parameters
    ----------
    connection
        Connection to FlowAPI.
    query_id
        Id of a query that was run.
    format
        ``geopandas`` for a GeoDataFrame in longitude and latitude, ``arrow`` for a pyarrow.Table,
        ``polars`` for a DataFrame of polars.
    poll_interval, disable_progress, timeout
        As of `wait_for_query_to_be_ready`.

    Raises
    ------
    ValueError
        If the format is another.
    ImportError
        If the library is not installed; the text says what to install.
    FlowclientConnectionError
        If the query failed, or several polls in a row were not answered.
    """
    check_format(format)
    location = get_result_location_from_id_when_ready(
        connection=connection,
        query_id=query_id,
        poll_interval=poll_interval,
        disable_progress=disable_progress,
        **time_limit(timeout),
    )
    return finish(fetch_table(connection, location, format))
