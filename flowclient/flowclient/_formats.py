"""Results in the form of other libraries, which are loaded when a result is asked for in theirs."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from flowclient import _responses
from flowclient._requests import fetch
from flowclient._steps import Reckoning, Steps
from flowclient.errors import FlowclientConnectionError

COORDINATES = "EPSG:4326"
INVALID_FILE_FORMAT = "invalid_file_format"


def _broken(error: Exception) -> FlowclientConnectionError:
    return FlowclientConnectionError(f"Could not get result: the answer is not a whole Arrow stream: {error}")


def _table(response: httpx.Response) -> Any:
    import pyarrow as pa

    try:
        return pa.ipc.open_stream(response.content).read_all()
    except (pa.ArrowException, OSError) as error:
        raise _broken(error) from error


def _table_of_rows(response: httpx.Response) -> Any:
    import pyarrow as pa

    return pa.Table.from_pylist(_responses.rows(response))


def _polars_frame(response: httpx.Response) -> Any:
    import polars as pl

    try:
        return pl.read_ipc_stream(response.content)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _broken(error) from error


def _polars_frame_of_rows(response: httpx.Response) -> Any:
    import polars as pl

    return pl.DataFrame(_responses.rows(response), infer_schema_length=None)


def _geo_frame(response: httpx.Response) -> Any:
    import geopandas as gpd

    features = _responses.json_content(response, "result")["features"]
    if not features:
        return gpd.GeoDataFrame(geometry=[], crs=COORDINATES)
    return gpd.GeoDataFrame.from_features(features, crs=COORDINATES)


@dataclass(frozen=True)
class TableFormat:
    """A library's tables.

    Attributes
    ----------
    library, extra
        The library, and the extra of flowclient that installs it.
    ending
        What the server calls the file that is read.
    read
        Makes the table of the server's answer.
    read_rows
        Makes it of JSON, for servers that do not know the file.
    """

    library: str
    extra: str
    ending: str
    read: Callable[[httpx.Response], Any]
    read_rows: Callable[[httpx.Response], Any] | None = None


TABLES = {
    "geopandas": TableFormat("geopandas", "geo", "geojson", _geo_frame),
    "arrow": TableFormat("pyarrow", "arrow", "arrow", _table, _table_of_rows),
    "polars": TableFormat("polars", "polars", "arrow", _polars_frame, _polars_frame_of_rows),
}
FORMATS = ("pandas", "geojson", *TABLES)


def check_format(result_format: str) -> None:
    """Raise unless results come in this format.

    Raises
    ------
    ValueError
        If they never do.
    ImportError
        If its library is not installed.
    """
    if result_format not in FORMATS:
        known = ", ".join(repr(known) for known in FORMATS)
        raise ValueError(f"Invalid format: '{result_format}'. Expected one of {{{known}}}.")
    table = TABLES.get(result_format)
    if table is not None:
        require(table.library, table.extra, f"The format '{result_format}'")


def require(library: str, extra: str, what: str) -> None:
    """Raise an ImportError that says what to install unless a library is there."""
    if importlib.util.find_spec(library) is None:
        raise ModuleNotFoundError(
            f"{what} needs the package {library}, which is not installed here: "
            f"pip install 'flowclient[{extra}]'",
            name=library,
        )


def fetch_table(connection: Any, location: str, result_format: str) -> Steps[Any]:
    """Fetch the result at a route as a library's table."""
    wanted = TABLES[result_format]
    read = wanted.read
    try:
        response = yield from fetch(connection, f"{location}.{wanted.ending}")
    except FlowclientConnectionError as error:
        if wanted.read_rows is None or not _is_unknown_format(error):
            raise
        read = wanted.read_rows
        response = yield from fetch(connection, location)
    return (yield Reckoning(lambda: read(_responses.with_content(response, "result"))))


def _is_unknown_format(error: FlowclientConnectionError) -> bool:
    # Earlier releases of the server have no codes.
    return error.status_code == 400 and (
        error.code == INVALID_FILE_FORMAT or "Invalid file format" in str(error)
    )
