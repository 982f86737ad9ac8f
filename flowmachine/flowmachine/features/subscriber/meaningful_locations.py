"""The clusters of each subscriber's sites that are of one kind, such as homes."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.query import Query
from flowmachine.features.subscriber.hartigan_cluster import BaseCluster, HartiganCluster
from flowmachine.features.subscriber.label_event_score import LabelEventScore, require_label
from flowmachine.features.subscriber.score_labels import score_labels


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class MeaningfulLocations(BaseCluster):
    """Clusters of each subscriber whose mean scores have one label.

    Parameters
    ----------
    clusters : HartiganCluster
    scores : Query
        Of the versions of sites, such as
        :class:`~flowmachine.features.subscriber.scores.EventScore` by versioned site.
    labels : dict of str to dict
        As for :class:`~flowmachine.features.subscriber.label_event_score.LabelEventScore`.
    label : str
        One of the labels, or ``unknown``.

    Notes
    -----
    Columns: ``subscriber`` (text), ``label`` (text, the same in every row), ``cluster`` (geography,
    WGS 84; each once per subscriber), ``n_clusters`` (bigint: how many of them the subscriber has).

    Raises
    ------
    TypeError
        If the clusters or scores are none.
    ValueError
        As for ``LabelEventScore``; for a label that there is not.
    """

    clusters: HartiganCluster = attrs.field(validator=attrs.validators.instance_of(HartiganCluster))
    scores: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    labels: Mapping[str, str] = attrs.field(converter=score_labels)
    label: str = attrs.field(validator=attrs.validators.instance_of(str))
    worth_storing = True

    def __attrs_post_init__(self) -> None:
        require_label(self.labels, self.label)
        self.labelled  # noqa: B018 - refuses scores that do not fit

    @cached_property
    def labelled(self) -> LabelEventScore:
        """Every cluster with its label."""
        joined = self.clusters.join_to_cluster_components(self.scores)
        return LabelEventScore(scores=joined, labels=self.labels)

    @cached_property
    def dependencies(self) -> tuple[Query, ...]:
        """The clusters with their labels."""
        return (self.labelled,)

    def select(self, using: Compilation) -> Select[Any]:
        """Take each cluster with the label once, and count those of each subscriber."""
        labelled = using(self.labelled)
        columns = [labelled.c[name] for name in ("subscriber", "label", "cluster")]
        chosen = (
            sa.select(*columns)
            .where(labelled.c.label == sa.literal(self.label, sa.Text))
            .distinct()
            .subquery("chosen")
        )
        number = sa.func.count().over(partition_by=chosen.c.subscriber)
        return sa.select(*chosen.c, number.label("n_clusters"))
