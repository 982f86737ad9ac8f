"""What may be released of aggregates by label."""

from typing import ClassVar

from flowmachine.core.disclosure import THRESHOLD_FLOOR, Aggregate, NamedRedacted


class RedactedLabelledAggregate(NamedRedacted):
    """The places, or pairs of places, each of whose labels has more than a threshold of contributors.

    Parameters
    ----------
    labelled_query : Aggregate
        One with labels, such as a labelled spatial aggregate.
    redaction_threshold : int, default 15

    Raises
    ------
    ValueError
        If the rows of the query are not told apart by labels.
    """

    target_class: ClassVar[type[Aggregate]] = Aggregate

    def __init__(self, *, labelled_query: Aggregate, redaction_threshold: int = THRESHOLD_FLOOR) -> None:
        if not hasattr(labelled_query, "out_spatial_columns"):
            raise ValueError(f"{type(labelled_query).__name__} has no labels.")
        super().__init__(labelled_query, redaction_threshold)
