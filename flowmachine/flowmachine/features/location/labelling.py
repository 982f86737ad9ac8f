"""Labels of subscribers, by which the rows of aggregates are told apart."""

from collections.abc import Sequence
from typing import Any

import attrs

from flowmachine.core.deriving import columns_given, require_columns
from flowmachine.core.query import Query
from flowmachine.core.release import ReleaseRule, Together


def label_columns_field() -> Any:
    """Make a field for the columns of the labels that are used."""
    return attrs.field(default=("value",), converter=columns_given)


def require_labels(labels: Query, label_columns: Sequence[str]) -> None:
    """Raise unless a query has labels of subscribers in the columns.

    Raises
    ------
    ValueError
        For a column that does not exist, none, one twice, or the subscriber as a label.
    """
    if "subscriber" in label_columns:
        raise ValueError("'subscriber' cannot be a label.")
    if not label_columns or len(set(label_columns)) < len(label_columns):
        raise ValueError(f"Labels need one or more different columns, not {', '.join(label_columns)!r}.")
    require_columns(labels, "subscriber", *label_columns)


class Labelled:
    """The part of an aggregate whose rows of one place, or pair of places, are told apart by labels."""

    label_columns: tuple[str, ...]

    @property
    def out_label_columns(self) -> tuple[str, ...]:
        """The columns of the result with the labels."""
        return tuple(f"{name}_label" for name in self.label_columns)

    @property
    def out_spatial_columns(self) -> tuple[str, ...]:
        """The columns of the result with the place, or the pair of places."""
        raise NotImplementedError(f"{type(self).__name__} must implement out_spatial_columns.")

    @property
    def out_label_columns_as_string_list(self) -> str:
        """The names of the columns with the labels, separated by commas."""
        return ", ".join(self.out_label_columns)

    @property
    def release_rule(self) -> ReleaseRule:
        """The labels of a place complete each other to all who are there: they are withheld together."""
        return Together(self.out_spatial_columns)
