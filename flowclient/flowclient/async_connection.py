"""The asynchronous connection to a FlowAPI server."""

import logging
import os
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx

from flowclient._base_connection import DEFAULT_TIMEOUT, BaseConnection
from flowclient._files import whole_file
from flowclient._responses import check_download
from flowclient._steps import finish_asynchronously

if TYPE_CHECKING:
    from flowclient.async_api_query import ASyncAPIQuery

logger: logging.Logger = logging.getLogger(__name__)


class ASyncConnection(BaseConnection):
    """A connection to a FlowAPI server for asynchronous programs.

    Can be used in an ``async with`` statement, which closes it. Several queries may wait on one
    connection at the same time.

    Parameters, exceptions and warnings are those of `flowclient.Connection`.
    """

    session: httpx.AsyncClient

    def __init__(
        self,
        *,
        url: str,
        token: str,
        api_version: int = 0,
        ssl_certificate: str | os.PathLike[str] | bool | None = True,
        timeout: httpx.Timeout | float | None = DEFAULT_TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        options = self._prepare(url, api_version, ssl_certificate)
        self.session = httpx.AsyncClient(**options, timeout=timeout, transport=transport)
        self.update_token(token)

    async def get_url(
        self, *, route: str, data: dict[str, Any] | None = None, params: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Send a GET request; see `flowclient.Connection.get_url`."""
        return await finish_asynchronously(self._get(route, data, params))

    async def post_json(self, *, route: str, data: dict[str, Any]) -> httpx.Response:
        """Send a POST request with a JSON body; see `flowclient.Connection.post_json`."""
        return await finish_asynchronously(self._post(route, data))

    async def download(self, *, route: str, path: str | os.PathLike[str]) -> None:
        """Save the answer to a GET request to a file; see `flowclient.Connection.download`."""
        logger.debug("Download %s", self._full_url(route))
        with self._explaining(), whole_file(path) as file:
            async with self.session.stream("GET", route) as response:
                if response.status_code != 200:
                    await response.aread()
                check_download(response, self._full_url(route))
                async for chunk in response.aiter_bytes():
                    file.write(chunk)

    def make_api_query(self, parameters: dict[str, Any]) -> "ASyncAPIQuery":
        """Make a query from its specification; nothing is sent yet."""
        # Queries are made of the functions that use connections, which is why they come second.
        from flowclient.async_api_query import ASyncAPIQuery

        return ASyncAPIQuery(connection=self, parameters=parameters)

    async def close(self) -> None:
        """Close the connection's sockets."""
        await self.session.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
