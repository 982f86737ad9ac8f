"""Whether two answers say the same."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from tests.parity.servers import Answer

RELATIVE = 1e-9
ABSOLUTE = 1e-6
"""How far numbers may be apart: sums of floats depend on the order in which they are added."""

_DIGITS_OF_KEYS = 9
_VALUE = "value"
_CHOICES = "Must be one of: "

Values = Mapping[tuple[Any, ...], Sequence[Any]]


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal, numbers nearly so."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _key(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_key, value))
    return round(float(value), _DIGITS_OF_KEYS) if isinstance(value, int | float) else value


def values(answer: Answer) -> Values:
    """Return the values of each group of a result, in order; nearly always there is one."""
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    at = [number for number, name in enumerate(answer.columns) if name == _VALUE]
    for row in answer.rows:
        group = tuple(_key(value) for number, value in enumerate(row) if number not in at)
        found[group].append([row[number] for number in at])
    for rows in found.values():
        rows.sort(key=repr)
    return found


def differences(published: Answer, ours: Answer) -> list[str]:
    """Describe how two answers differ; nothing if they say the same."""
    if published.state != ours.state:
        described = [f"published: {_state(published)}", f"ours: {_state(ours)}"]
        return ["; ".join(described)]
    if published.state == "refused":
        agree = _in_order(published.messages) == _in_order(ours.messages)
        return [] if agree else [f"{published.messages} and {ours.messages}"]
    if published.state != "completed":
        return []
    if published.columns != ours.columns:
        return [f"columns {published.columns} and {ours.columns}"]
    return _differences_of_rows(values(published), values(ours))


def _in_order(messages: Any) -> Any:
    """Return messages with the choices that they list in alphabetical order, which has no meaning."""
    if isinstance(messages, dict):
        return {field: _in_order(found) for field, found in messages.items()}
    if isinstance(messages, list):
        return [_in_order(found) for found in messages]
    if isinstance(messages, str) and messages.startswith(_CHOICES):
        return _CHOICES + ", ".join(sorted(messages.removeprefix(_CHOICES).rstrip(".").split(", ")))
    return messages


def _state(answer: Answer) -> str:
    return f"{answer.state} {answer.messages or ''}".strip()


def _differences_of_rows(published: Values, ours: Values) -> list[str]:
    gone = [f"only published: {key} {published[key]}" for key in published.keys() - ours.keys()]
    new = [f"only ours: {key} {ours[key]}" for key in ours.keys() - published.keys()]
    other = [
        f"{key}: {published[key]} and {ours[key]}"
        for key in published.keys() & ours.keys()
        if not same(published[key], ours[key])
    ]
    return [*sorted(gone), *sorted(new), *sorted(other)]


def is_part(ours: Answer, published: Answer) -> bool:
    """Tell whether each row of ours is one of the published release's too."""
    whole = values(published)
    return ours.columns == published.columns and all(
        key in whole and same(found, whole[key]) for key, found in values(ours).items()
    )
