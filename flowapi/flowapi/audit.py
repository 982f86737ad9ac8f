"""The account of each request: one line at its end says who asked what, and how that ended."""

import time
from dataclasses import dataclass, field
from typing import Any

from flowapi import metrics
from flowapi.logs import audit_log

# Anybody may send these, as often as they like, and learns nothing from them.
_NOT_AUDITED = frozenset({"root", "health", "spec"})


@dataclass
class Account:
    """What is known of a request so far; never a row of a result, a token or a full list of scopes.

    Attributes
    ----------
    method, route
        What was asked: the HTTP method, and the pattern that the path matched.
    blueprint
        The group of routes that the route belongs to.
    details
        Who asked for which query, which scopes that needed, what granted or what lacked them, and the code
        of an error.
    """

    method: str
    route: str = "none"
    blueprint: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    _begun: float = field(default_factory=time.monotonic)
    _status: int | None = None
    _bytes: int = 0
    _whole: bool = False

    def note(self, **details: Any) -> None:
        """Keep something for the line; None is left out."""
        self.details |= {name: value for name, value in details.items() if value is not None}

    def sent(self, message: Any) -> None:
        """Count a part of the response that was handed over to the connection."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
        elif message["type"] == "http.response.body":
            self._bytes += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)

    def close(self, outcome: str) -> None:
        """Write the line and count the request.

        Parameters
        ----------
        outcome
            How it ended if the response was not sent whole: ``client_left``, ``stopped`` or ``broken_off``.
        """
        seconds = time.monotonic() - self._begun
        outcome = "complete" if self._whole else outcome
        metrics.count_request(self.method, self.route, self._status, outcome, seconds, self._bytes)
        if self.blueprint not in _NOT_AUDITED:
            audit_log().info(
                "request",
                method=self.method,
                route=self.route,
                status=self._status,
                outcome=outcome,
                bytes_sent=self._bytes,
                seconds=round(seconds, 6),
                **self.details,
            )
