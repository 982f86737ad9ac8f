"""What the synchronous and the asynchronous connection share."""

import errno
import importlib.util
import logging
import os
import ssl
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt

from flowclient._responses import check_get, check_post, unreachable
from flowclient._steps import Steps
from flowclient.errors import FlowclientAccessError, FlowclientConnectionError

logger: logging.Logger = logging.getLogger(__name__)

# Reading may take long while a server prepares a large result; connecting to a healthy one does not.
DEFAULT_TIMEOUT = httpx.Timeout(connect=30, read=600, write=60, pool=None)
_SHOWN_TOKEN_LENGTH = 12


def _verification(ssl_certificate: str | os.PathLike[str] | bool | None) -> ssl.SSLContext | bool:
    """Return how to check the server's certificate.

    Notebooks pass the value of a variable that may be unset: None and "" mean the default roots.
    """
    if ssl_certificate is None or ssl_certificate == "":
        return True
    if isinstance(ssl_certificate, bool):
        return ssl_certificate
    path = Path(ssl_certificate)
    if path.is_dir():
        return ssl.create_default_context(capath=str(path))
    if not path.exists():
        raise FileNotFoundError(errno.ENOENT, "No such certificate", str(path))
    try:
        return ssl.create_default_context(cafile=str(path))
    except ssl.SSLError as error:
        raise ValueError(f"'{path}' holds no certificate in PEM form: {error.reason}") from error


class BaseConnection:
    """Address, token and session of a FlowAPI server.

    Attributes
    ----------
    url, api_version, token
        As given.
    user
        Name of the user that the token was issued to.
    session
        The httpx client.
    """

    url: str
    api_version: int
    token: str
    user: str
    session: Any
    _expiry: float | None

    def _prepare(
        self, url: str, api_version: int, ssl_certificate: str | os.PathLike[str] | bool | None
    ) -> dict[str, Any]:
        """Remember the address and return the arguments of the httpx client."""
        if not url.lower().startswith("https://"):
            warnings.warn("Communications with this server are NOT SECURE.", stacklevel=3)
        self.url = url
        self.api_version = api_version
        return {
            "base_url": f"{url.rstrip('/')}/api/{api_version}/",
            "verify": _verification(ssl_certificate),
            "http2": importlib.util.find_spec("h2") is not None,
        }

    def update_token(self, token: str) -> None:
        """Replace the token.

        Parameters
        ----------
        token
            A token as FlowAuth issues them. It is only read here; the server checks it. An expired
            one gives a warning.

        Raises
        ------
        FlowclientConnectionError
            If it is not a token, or names no user; the connection keeps the token it had.
        """
        # A token read from a file often ends in a line break.
        token = token.strip() if isinstance(token, str) else token
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            shown = str(token)
            if len(shown) > _SHOWN_TOKEN_LENGTH:
                shown = f"{shown[:_SHOWN_TOKEN_LENGTH]}…"
            raise FlowclientConnectionError(f"Unable to decode token: '{shown}'") from error
        if "sub" not in claims:
            raise FlowclientConnectionError("Token does not contain user identity.")
        expiry = claims.get("exp")
        self._expiry = expiry if isinstance(expiry, int | float) else None
        if self._expired_at:
            warnings.warn(f"This token expired at {self._expired_at}.", stacklevel=2)
        self.user = claims["sub"]
        self.token = token
        self.session.headers["Authorization"] = f"Bearer {token}"

    @property
    def _expired_at(self) -> str | None:
        """When the token expired, by this computer's clock; None if it has not."""
        if self._expiry is None or self._expiry > time.time():
            return None
        return f"{datetime.fromtimestamp(self._expiry, UTC):%Y-%m-%d %H:%M} UTC"

    def _request(
        self,
        method: str,
        route: str,
        check: Callable[[httpx.Response, str], httpx.Response],
        **arguments: Any,
    ) -> Steps[httpx.Response]:
        full_url = self._full_url(route)
        logger.debug("%s %s", method, full_url)
        with self._explaining():
            response = yield self.session.request(method, route, **arguments)
            return check(response, full_url)

    def _get(
        self, route: str, data: dict[str, Any] | None, params: dict[str, Any] | None
    ) -> Steps[httpx.Response]:
        return self._request("GET", route, check_get, json=data, params=params)

    def _post(self, route: str, data: dict[str, Any]) -> Steps[httpx.Response]:
        return self._request("POST", route, check_post, json=data)

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Say in an exception what only the connection knows.

        A token is not refused here for being expired: this computer's clock may be wrong, and the
        server's is the one that counts.
        """
        try:
            yield
        except httpx.RequestError as error:
            raise unreachable(self.url, error) from error
        except FlowclientAccessError as error:
            if error.status_code == 401 and self._expired_at:
                raise FlowclientAccessError(
                    f"{str(error).rstrip('.')}. The token of {self.user} expired at {self._expired_at}: "
                    "get a new one, and give it to the connection with update_token.",
                    status_code=error.status_code,
                    code=error.code,
                ) from error
            raise

    def _full_url(self, route: str) -> str:
        return f"{self.url.rstrip('/')}/api/{self.api_version}/{route}"

    def __repr__(self) -> str:
        return f"{self.user}@{self.url} v{self.api_version}"
