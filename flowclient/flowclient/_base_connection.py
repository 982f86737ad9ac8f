"""What the synchronous and the asynchronous connection share."""

import importlib.util
import os
import ssl
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt

from flowclient.errors import FlowclientConnectionError

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
    return ssl.create_default_context(**{"capath" if path.is_dir() else "cafile": str(path)})  # type: ignore[arg-type]


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
        if isinstance(expiry, int | float) and expiry < datetime.now(UTC).timestamp():
            when = datetime.fromtimestamp(expiry, UTC)
            warnings.warn(f"This token expired at {when:%Y-%m-%d %H:%M} UTC.", stacklevel=2)
        self.user = claims["sub"]
        self.token = token
        self.session.headers["Authorization"] = f"Bearer {token}"

    def _full_url(self, route: str) -> str:
        return f"{self.url.rstrip('/')}/api/{self.api_version}/{route}"

    def __repr__(self) -> str:
        return f"{self.user}@{self.url} v{self.api_version}"
