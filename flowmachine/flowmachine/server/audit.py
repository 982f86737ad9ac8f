"""What the audit trail keeps of requests and replies: enough to tell what was asked, never without bound."""

import json
from typing import Any

MAX_CHARACTERS = 4096


def bounded(value: Any, limit: int = MAX_CHARACTERS) -> Any:
    """Return a value as it is if its JSON is short, else how it begins and how long it is."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    if len(text) <= limit:
        return value
    return {"start": text[:limit], "characters": len(text)}
