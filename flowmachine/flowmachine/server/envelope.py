"""Requests and replies as they travel."""

import json
from typing import Any, Literal

import attrs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

_TEXTS = {
    "missing": "Missing data for required field.",
    "extra_forbidden": "Unknown field.",
    "string_type": "Not a valid string.",
    "dict_type": "Not a valid mapping type.",
}


@attrs.frozen
class Reply:
    """What a client gets: ``status``, ``msg`` and ``payload``."""

    status: Literal["success", "error"]
    msg: str = ""
    payload: dict[str, Any] = attrs.Factory(dict)

    def encode(self) -> bytes:
        """Return the reply as JSON in UTF-8."""
        return json.dumps({"status": self.status, "msg": self.msg, "payload": self.payload}).encode()


def success(msg: str = "", **payload: Any) -> Reply:
    """Make a reply to a request that worked."""
    return Reply("success", msg, payload)


class RequestError(Exception):
    """A request cannot be answered; holds the reply that says why."""

    def __init__(self, msg: str, **payload: Any) -> None:
        self.reply = Reply("error", msg, payload)
        super().__init__(msg)


class ActionRequest(BaseModel):
    """A request for an action."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: str
    request_id: str
    params: dict[str, Any] = Field(default_factory=dict)


def decode(message: bytes, actions: list[str]) -> ActionRequest:
    """Read a request.

    Raises
    ------
    RequestError
        If it is not JSON, lacks something, or asks for an action that does not exist.
    """
    try:
        content = json.loads(message)
    except (ValueError, RecursionError) as error:
        raise RequestError("Invalid JSON.", decode_error=str(error)) from None
    if not isinstance(content, dict):
        raise RequestError("Invalid action request.", _schema=["Invalid input type."])
    if isinstance(content.get("action"), str) and content["action"] not in actions:
        raise RequestError("Invalid action request.", action=[f"Must be one of: {', '.join(actions)}."])
    try:
        return ActionRequest.model_validate(content)
    except ValidationError as error:
        problems: dict[str, list[str]] = {}
        for detail in error.errors(include_url=False, include_input=False):
            text = _TEXTS.get(detail["type"], detail["msg"])
            problems.setdefault(str(detail["loc"][0]), []).append(text)
        raise RequestError("Invalid action request.", **problems) from None
