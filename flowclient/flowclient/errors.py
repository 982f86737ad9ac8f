"""Exceptions of the client.

A resource that the server does not know (404) raises the built-in :class:`FileNotFoundError`; every
other failure is a `FlowclientConnectionError` or one of its subclasses.
"""


class FlowclientConnectionError(Exception):
    """The server cannot be reached, refuses the request, or reports a failure; the text says which."""


class FlowclientAccessError(FlowclientConnectionError):
    """The token is missing, expired, not meant for this server, or does not grant the request."""


class FlowclientUnavailableError(FlowclientConnectionError):
    """The server cannot be reached or is busy at present; the same request may succeed later."""


class FlowclientTimeoutError(FlowclientConnectionError, TimeoutError):
    """A query was not ready within the time that the caller gave it; it keeps running."""
