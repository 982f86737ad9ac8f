"""Nested lists and dicts, as specs and replies are: helpers to compare and to send them."""

from collections.abc import Iterable, Mapping
from typing import Any


def to_nested_list(value: Any) -> Any:
    """Return a value with every iterable in it, at whatever depth, as a list; texts and dicts stay."""
    if isinstance(value, Mapping):
        return {key: to_nested_list(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [to_nested_list(item) for item in value]
    return value


def convert_dict_keys_to_strings(value: Any) -> Any:
    """Return a value with the keys of every dict in it, at whatever depth, as text."""
    if isinstance(value, Mapping):
        return {str(key): convert_dict_keys_to_strings(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [convert_dict_keys_to_strings(item) for item in value]
    return value


def sort_recursively(value: Any) -> Any:
    """Return a value with dicts in the order of keys and lists in that of their text, to compare it."""
    if isinstance(value, Mapping):
        return {key: sort_recursively(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return sorted((sort_recursively(item) for item in value), key=str)
    return value
