"""The places where each subscriber spends time, as clusters of sites."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import FromClause, Select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from flowmachine.core import shapes
from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.query import Query
from flowmachine.core.sql import Geography

COMPONENT = ("subscriber", "site_id", "version")


def _of_sites(value: Any) -> Query:
    if not hasattr(value, "column_names"):
        raise TypeError(f"Clusters are made of a query such as CallDays, not of a {type(value).__name__}.")
    require_columns(value, *COMPONENT)
    query: Query = value
    return query


def _call_days(value: Any) -> Query:
    query = _of_sites(value)
    require_columns(query, "value")
    return query


def _kilometres(value: Any) -> float:
    kilometres = float(value)
    if not 0 <= kilometres < float("inf"):
        raise ValueError(f"A radius or buffer is a number of kilometres from 0 on, not {value!r}.")
    return kilometres


class BaseCluster(Query):
    """Base of queries whose rows are clusters of places: their ``cluster`` is what a map shows."""

    @property
    def geometry_column(self) -> str:
        """The clusters."""
        return "cluster"


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class HartiganCluster(BaseCluster):
    """Clusters of the sites of each subscriber, made by Hartigan's leader algorithm.

    The sites of a subscriber are taken from the one with most days on; sites with equally many by
    their id, then version. A site joins the first cluster, in the order in which they were made, whose
    centre is nearer than the radius; the centre then moves to the mean of its sites weighted by their
    days. A site that joins none begins a cluster.

    Parameters
    ----------
    calldays : Query
        With the columns ``subscriber``, ``site_id``, ``version`` and ``value`` (days), such as
        :class:`~flowmachine.features.subscriber.call_days.CallDays` by versioned site. An id of a site
        must not hold ``::``.
    radius : float
        In kilometres.
    buffer : float, default 0
        In kilometres. 0: clusters are points. Otherwise they are areas: a cluster of several sites what
        lies this near to its centre, one of a single site that site's polygon if it has one.
    call_threshold : int, default 0
        Clusters with fewer days are left out; the others keep their rank.

    Notes
    -----
    Columns: ``subscriber`` (text), ``cluster`` (geography, WGS 84), ``rank`` (integer: in which order it
    was made, from 1), ``calldays`` (integer: days of its sites added up, in which a day may count more
    than once), ``site_id`` (text[]), ``version`` (integer[]: the cluster's versions of sites).

    The algorithm: J. A. Hartigan, *Clustering Algorithms* (Wiley, 1975), chapter 3; its use for homes
    and places of work: S. Isaacman et al., *Identifying Important Places in People's Lives from
    Cellular Network Data* (Pervasive 2011).

    Raises
    ------
    TypeError
        If ``calldays`` is no query.
    ValueError
        If it lacks a column; for a radius or buffer that is no number from 0 on.
    """

    calldays: Query = attrs.field(converter=_call_days)
    radius: float = attrs.field(converter=_kilometres)
    buffer: float = attrs.field(default=0.0, converter=_kilometres)
    call_threshold: int = attrs.field(default=0, converter=int)
    worth_storing = True

    def select(self, using: Compilation) -> Select[Any]:
        """Aggregate the sites of each subscriber, and make each cluster a row."""
        days = using(self.calldays)
        found = shapes.leader_clusters(
            (days.c.site_id, days.c.version),
            sa.cast(days.c.value, sa.Integer),
            self.radius,
            self.buffer,
            self.call_threshold,
        )
        people = (
            sa.select(days.c.subscriber, found.label("found")).group_by(days.c.subscriber).subquery("people")
        )
        parts = ("clusters", "rank", "weights", "site_ids", "versions")
        rows = (
            sa.func.unnest(*(shapes.Member(people.c.found, part) for part in parts))
            .table_valued(
                sa.column("cluster", Geography()),
                sa.column("rank", sa.Integer),
                sa.column("calldays", sa.Integer),
                sa.column("site_id", sa.Text),
                sa.column("version", sa.Text),
            )
            .render_derived("clusters")
        )
        split = {name: sa.func.string_to_array(rows.c[name], "::") for name in ("site_id", "version")}
        return sa.select(
            people.c.subscriber,
            rows.c.cluster,
            rows.c.rank,
            rows.c.calldays,
            sa.cast(split["site_id"], sa.ARRAY(sa.Text)).label("site_id"),
            sa.cast(split["version"], sa.ARRAY(sa.Integer)).label("version"),
        ).select_from(people.join(rows, sa.true()))

    def join_to_cluster_components(self, query: Query) -> "_JoinedHartiganCluster":
        """Return the mean of what a query says of the sites of each cluster.

        Parameters
        ----------
        query : Query
            With the columns ``subscriber``, ``site_id``, ``version`` and numbers, such as
            :class:`~flowmachine.features.subscriber.scores.EventScore` by versioned site.

        Returns
        -------
        Query
            With the columns ``subscriber``, ``cluster``, ``rank``, ``calldays`` and the other columns of
            ``query``: of each, the mean over the rows of the cluster's versions of sites. Clusters
            without any are left out.

        Raises
        ------
        TypeError
            If it is no query.
        ValueError
            If it lacks a column.
        """
        return _JoinedHartiganCluster(clusters=self, query=query)


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class _JoinedHartiganCluster(BaseCluster):
    """What :meth:`HartiganCluster.join_to_cluster_components` returns."""

    clusters: HartiganCluster
    query: Query = attrs.field(converter=_of_sites, validator=attrs.validators.instance_of(Query))

    def select(self, using: Compilation) -> Select[Any]:
        """Average over the sites of each cluster first, then put the clusters beside the means."""
        clusters, measured = using(self.clusters), using(self.query)
        names = [name for name in self.query.column_names if name not in COMPONENT]
        means = self._means(clusters, measured, names).subquery("means")
        same = (clusters.c.subscriber == means.c.subscriber) & (clusters.c["rank"] == means.c["rank"])
        return sa.select(
            *(clusters.c[name] for name in ("subscriber", "cluster", "rank", "calldays")),
            *(means.c[name] for name in names),
        ).select_from(clusters.join(means, same))

    @staticmethod
    def _means(clusters: FromClause, measured: FromClause, names: list[str]) -> Select[Any]:
        sites = (
            sa.func.unnest(clusters.c.site_id, clusters.c.version)
            .table_valued(sa.column("site_id", sa.Text), sa.column("version", sa.Integer))
            .render_derived("sites")
        )
        same = sa.and_(
            measured.c.subscriber == clusters.c.subscriber,
            measured.c.site_id == sites.c.site_id,
            measured.c.version == sites.c.version,
        )
        keys = [clusters.c.subscriber, clusters.c["rank"]]
        # In order, because a sum of floating point numbers depends on it.
        ordered = {name: aggregate_order_by(measured.c[name], measured.c[name]) for name in names}
        return (
            sa.select(*keys, *(sa.func.avg(column).label(name) for name, column in ordered.items()))
            .select_from(clusters.join(sites, sa.true()).join(measured, same))
            .group_by(*keys)
        )
