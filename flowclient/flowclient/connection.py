"""The connection to a FlowAPI server."""

import logging
import os
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx

from flowclient._base_connection import DEFAULT_TIMEOUT, BaseConnection
from flowclient._files import whole_file
from flowclient._responses import check_download
from flowclient._steps import finish

if TYPE_CHECKING:
    from flowclient.api_query import APIQuery

logger: logging.Logger = logging.getLogger(__name__)


class Connection(BaseConnection):
    """A connection to a FlowAPI server.

    Can be used in a ``with`` statement, which closes it.

    Parameters
    ----------
    url
        Address of the server, for instance ``https://flowapi.example.org``.
    token
        Token for that server.
    api_version
        Version of the API.
    ssl_certificate
        Path of the certificate (or bundle) to check the server's with; True or None for the usual
        authorities, False for no check.
    timeout
        Seconds, as httpx takes them.
    transport
        What carries the requests, as httpx takes it.

    Raises
    ------
    FlowclientConnectionError
        If the token cannot be read.
    FileNotFoundError, ValueError
        If there is no certificate at the path.

    Warns
    -----
    UserWarning
        If the address does not begin with ``https://``, or the token has expired.
    """

    session: httpx.Client

    def __init__(
        self,
        *,
        url: str,
        token: str,
        api_version: int = 0,
        ssl_certificate: str | os.PathLike[str] | bool | None = True,
        timeout: httpx.Timeout | float | None = DEFAULT_TIMEOUT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        options = self._prepare(url, api_version, ssl_certificate)
        self.session = httpx.Client(**options, timeout=timeout, transport=transport)
        self.update_token(token)

    def get_url(
        self, *, route: str, data: dict[str, Any] | None = None, params: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Send a GET request.

        Parameters
        ----------
        route
            Path below the API's version, for instance ``available_dates``.
        data
            JSON body.
        params
            Query string.

        Raises
        ------
        FileNotFoundError
            If the server does not know the route.
        FlowclientConnectionError
            If the server cannot be reached, refuses, or fails.
        """
        return finish(self._get(route, data, params))

    def post_json(self, *, route: str, data: dict[str, Any]) -> httpx.Response:
        """Send a POST request with a JSON body.

        Parameters
        ----------
        route
            Path below the API's version, for instance ``run``.
        data
            JSON body.

        Raises
        ------
        FileNotFoundError
            If the server does not know the route.
        FlowclientConnectionError
            If the server cannot be reached, refuses, or fails.
        """
        return finish(self._post(route, data))

    def download(self, *, route: str, path: str | os.PathLike[str]) -> None:
        """Save the answer to a GET request to a file, which appears only when it is complete.

        Parameters
        ----------
        route
            Path below the API's version, for instance ``get/0123….csv``.
        path
            Name of the file.

        Raises
        ------
        FileNotFoundError
            If the server does not know the route.
        FlowclientConnectionError
            If the server cannot be reached, refuses, or fails.
        """
        logger.debug("Download %s", self._full_url(route))
        with self._explaining(), whole_file(path) as file, self.session.stream("GET", route) as response:
            if response.status_code != 200:
                response.read()
            check_download(response, self._full_url(route))
            for chunk in response.iter_bytes():
                file.write(chunk)

    def make_api_query(self, parameters: dict[str, Any]) -> "APIQuery":
        """Make a query from its specification; nothing is sent yet."""
        # Queries are made of the functions that use connections, which is why they come second.
        from flowclient.api_query import APIQuery

        return APIQuery(connection=self, parameters=parameters)

    def close(self) -> None:
        """Close the connection's sockets."""
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
