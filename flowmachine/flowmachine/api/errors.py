"""What is wrong with a spec, in the form and words that clients know.

The messages are nested as the spec is: under a field its list of messages, under a nested spec a
further object, list positions as text, and what concerns a whole object under ``_schema``.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

WHOLE = "_schema"


class FieldsError(ValueError):
    """What a rule over several fields says of single ones: ``texts`` by the name of the field."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        super().__init__("; ".join(texts.values()))


TAGS = ("query_kind", "sampling_method")
"""The fields by which unions choose."""

_TEXTS = {
    "missing": "Missing data for required field.",
    "extra_forbidden": "Unknown field.",
    "string_type": "Not a valid string.",
    "list_type": "Not a valid list.",
    "tuple_type": "Not a valid list.",
    "int_type": "Not a valid integer.",
    "int_parsing": "Not a valid integer.",
    "int_from_float": "Not a valid integer.",
    "float_type": "Not a valid number.",
    "float_parsing": "Not a valid number.",
    "bool_type": "Not a valid boolean.",
    "bool_parsing": "Not a valid boolean.",
}


_BOUNDS = {
    "start_hour": (0, 24),
    "end_hour": (0, 24),
    "fraction": (0.0, 1.0),
    "seed": (-1.0, 1.0),
    "proportion": (0.0, 1.0),
}
"""Both limits of the fields that have two, of which an error tells but one."""


def _text(error: ErrorDetails, bounds: Mapping[str, tuple[float, float]]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if error["input"] is None and kind not in ("missing", "union_tag_not_found"):
        return "Field may not be null."
    match kind:
        case "literal_error":
            return f"Must be one of: {', '.join(_alternatives(context['expected']))}."
        case "too_short":
            return f"Shorter than minimum length {context['min_length']}."
        case "greater_than_equal" | "less_than_equal":
            low, high = bounds.get(str(error["loc"][-1]), (context.get("ge"), context.get("le")))
            limits = [
                f"{words} {limit}"
                for words, limit in (("greater than or equal to", low), ("less than or equal to", high))
                if limit is not None
            ]
            return f"Must be {' and '.join(limits)}."
        case "greater_than" | "less_than":
            low, high = bounds[str(error["loc"][-1])]
            return f"Must be greater than {low} and less than {high}."
        case "string_pattern_mismatch" if error["loc"][-1] == "subscriber_subset":
            return "Must be None or a valid query id."
        case "value_error":
            return str(context["error"])
    return _TEXTS.get(kind, error["msg"])


def _alternatives(expected: str) -> list[str]:
    return [word.strip("'") for part in expected.split(" or ") for word in part.split(", ")]


def _path(error: ErrorDetails, spec: Any) -> tuple[str, ...]:
    """Return where in the spec an error is, without the union tags that pydantic puts between fields."""
    path, node, tag_passed = list[str](), spec, False
    for step in error["loc"]:
        if not tag_passed and isinstance(node, Mapping) and step in {node.get(tag) for tag in TAGS}:
            tag_passed = True
            continue
        path.append(str(step))
        tag_passed = False
        if isinstance(node, Mapping):
            node = node.get(step)
        elif isinstance(node, list | tuple) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            node = None
    return tuple(path)


def _tag(error: ErrorDetails) -> str:
    return str(error["ctx"]["discriminator"]).strip("'")


def _place(error: ErrorDetails, spec: Any) -> tuple[tuple[str, ...], str]:
    path = _path(error, spec)
    match error["type"]:
        case "union_tag_not_found":
            return (*path, _tag(error)), _TEXTS["missing"]
        case "union_tag_invalid":
            tag = error["ctx"]["tag"]
            return (*path, _tag(error)), (_TEXTS["missing"] if tag == "None" else f"Unsupported value: {tag}")
        case "model_type" | "model_attributes_type" | "dict_type" if error["input"] is not None:
            return (*path, WHOLE), "Invalid input type."
    text = _text(error, _BOUNDS)
    return (path, text) if path and not _is_object(error, path) else ((*path, WHOLE), text)


def _places(error: ErrorDetails, spec: Any) -> list[tuple[tuple[str, ...], str]]:
    """List where an error belongs, with what is said there."""
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, FieldsError):
        path = _path(error, spec)
        return [((*path, name), text) for name, text in cause.texts.items()]
    return [_place(error, spec)]


def _is_object(error: ErrorDetails, path: tuple[str, ...]) -> bool:
    """Tell whether an error concerns an object as a whole: one that a rule over several fields found."""
    return error["type"] == "value_error" and isinstance(error["input"], Mapping)


def messages(error: ValidationError, spec: Any) -> dict[str, Any]:
    """Return the messages of a failed validation, nested as the spec is."""
    if not isinstance(spec, Mapping):
        return {WHOLE: f"Invalid data type: {spec}"}
    nested: dict[str, Any] = {}
    placed = [place for detail in error.errors(include_url=False) for place in _places(detail, spec)]
    for path, text in placed:
        node = nested
        for step in path[:-1]:
            below = node.setdefault(step, {})
            if isinstance(below, list):
                below = node[step] = {WHOLE: below}
            node = below
        last = node.setdefault(path[-1], [])
        (last.setdefault(WHOLE, []) if isinstance(last, dict) else last).append(text)
    return nested
