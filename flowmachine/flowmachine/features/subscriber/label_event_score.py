"""What kind of place each place of a subscriber is, by when they are there."""

from collections.abc import Mapping
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select

from flowmachine.core import shapes, sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.query import Query
from flowmachine.features.subscriber.score_labels import DEFAULT_LABELS, UNKNOWN, score_labels


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class LabelEventScore(Query):
    """The rows of scores with the label in whose area each pair of scores lies.

    Parameters
    ----------
    scores : Query
        With the columns ``subscriber``, ``score_hour`` and ``score_dow``, such as
        :class:`~flowmachine.features.subscriber.scores.EventScore`.
    labels : dict of str to dict
        Labels and their areas, GeoJSON polygons or multipolygons that do not touch each other, with the
        score of the hour as x and that of the day of the week as y. By default ``day`` and ``evening``.
    required : str, optional
        A label that every subscriber must have: of one who has it nowhere, all rows get it.

    Notes
    -----
    Columns: ``label`` (text), then those of the scores. Scores on the boundary of an area, or in none,
    are labelled ``unknown``.

    Raises
    ------
    TypeError
        If ``scores`` is no query.
    ValueError
        If it lacks a column; for areas that are no valid polygons, or overlap or touch; for a label
        called ``unknown``; for a required label that there is not.
    """

    scores: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    labels: Mapping[str, str] = attrs.field(default=DEFAULT_LABELS, converter=score_labels)
    required: str | None = None

    def __attrs_post_init__(self) -> None:
        require_columns(self.scores, "subscriber", "score_hour", "score_dow")
        if self.required is not None:
            require_label(self.labels, self.required)

    def select(self, using: Compilation) -> Select[Any]:
        """Put the label before each row."""
        scores = using(self.scores)
        at = sql.point(scores.c.score_hour, scores.c.score_dow)
        areas = [
            (shapes.inside(at, shapes.shape_of_geojson(area)), sa.literal(label, sa.Text))
            for label, area in self.labels.items()
        ]
        label = sa.case(*areas, else_=sa.literal(UNKNOWN, sa.Text))
        if self.required is None:
            return sa.select(label.label("label"), *scores.c)
        return self._with_required(sa.select(label.label("label"), *scores.c).subquery("labelled"))

    def _with_required(self, labelled: FromClause) -> Select[Any]:
        wanted = sa.literal(self.required, sa.Text)
        has_it = sa.func.bool_or(labelled.c.label == wanted).over(partition_by=labelled.c.subscriber)
        others = [column for column in labelled.c if column.name != "label"]
        return sa.select(sa.case((has_it, labelled.c.label), else_=wanted).label("label"), *others)


def require_label(labels: Mapping[str, Any], label: str) -> None:
    """Raise unless a label is among those given, or ``unknown``.

    Raises
    ------
    ValueError
        Naming the labels that there are.
    """
    if label not in labels and label != UNKNOWN:
        raise ValueError(f"There is no label {label!r}; the labels are {', '.join([*labels, UNKNOWN])}.")
