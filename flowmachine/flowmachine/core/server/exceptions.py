"""Errors of clients that talk to a server themselves."""

from typing import Any


class FlowmachineServerError(Exception):
    """A server answered with an error."""

    def __init__(self, error_msg: str) -> None:
        self.error_msg = error_msg
        super().__init__(error_msg)


class QueryLoadError(FlowmachineServerError):
    """A query could not be made of its parameters."""

    def __init__(self, error_msg: str, params: dict[str, Any], **details: Any) -> None:
        self.params, self.details = params, details
        super().__init__(error_msg)
