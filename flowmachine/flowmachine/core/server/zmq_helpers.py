"""Replies as they travel, for clients that talk to a server themselves."""

from enum import StrEnum
from typing import Any

from flowmachine.server.envelope import Reply

__all__ = ["ZMQReply", "ZMQReplyMessage", "ZMQReplyPayload", "ZMQReplyStatus"]


class ZMQReplyStatus(StrEnum):
    """Whether a request worked."""

    SUCCESS = "success"
    ERROR = "error"


class ZMQReplyMessage(str):
    """What is said of a request; anything becomes its text."""

    __slots__ = ()


class ZMQReplyPayload(dict[str, Any]):
    """What was asked for; None is nothing."""

    def __init__(self, payload: dict[str, Any] | None = None) -> None:
        super().__init__(payload or {})


class ZMQReply:
    """A reply: ``status``, and a message, a payload or both.

    Raises
    ------
    ValueError
        For another status, or with neither message nor payload.
    """

    def __init__(
        self, status: str, msg: str | Exception | None = None, payload: dict[str, Any] | None = None
    ) -> None:
        if not msg and not payload:
            raise ValueError("A reply needs a message or a payload.")
        self.status = ZMQReplyStatus(status)
        self.msg = ZMQReplyMessage("" if msg is None else msg)
        self.payload = ZMQReplyPayload(payload)

    def as_json(self) -> dict[str, Any]:
        """Return the reply as a dict for JSON."""
        return {"status": self.status.value, "msg": str(self.msg), "payload": dict(self.payload)}

    def encode(self) -> bytes:
        """Return the reply as it travels."""
        return Reply(self.status.value, str(self.msg), dict(self.payload)).encode()
