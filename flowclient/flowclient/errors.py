"""Exceptions of the client.

A resource that the server does not know (404) raises the built-in :class:`FileNotFoundError`; every
other failure is a `FlowclientConnectionError` or one of its subclasses.
"""

from collections.abc import Sequence


class FlowclientConnectionError(Exception):
    """The server cannot be reached, refuses the request, or reports a failure; the text says which.

    Parameters
    ----------
    message
        What was wrong.
    status_code
        HTTP status of the server's answer, None if there was none.
    code
        The server's name for what was wrong, which stays the same between releases, if it gave one.
    missing_scopes
        Scopes that the token would need besides those it has.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status_code: int | None = None,
        code: str | None = None,
        missing_scopes: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.status_code: int | None = status_code
        self.code: str | None = code
        self.missing_scopes: tuple[str, ...] = tuple(missing_scopes)


class FlowclientAccessError(FlowclientConnectionError):
    """The token is missing, expired, not meant for this server, or does not grant the request."""


class FlowclientUnavailableError(FlowclientConnectionError):
    """The server cannot be reached or is busy at present; the same request may succeed later."""


class FlowclientTimeoutError(FlowclientConnectionError, TimeoutError):
    """A query was not ready within the time that the caller gave it; it keeps running."""
