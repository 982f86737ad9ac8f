"""What is known of the subscribers of each place, as a statistic."""

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import require_columns
from flowmachine.core.disclosure import CONTRIBUTORS, Aggregate
from flowmachine.core.query import Query
from flowmachine.core.release import EachRow, ReleaseRule, Shares, Together
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.core.statistic_types import Statistic
from flowmachine.features.utilities.locating import BaseLocation
from flowmachine.features.utilities.subscribers import number_of_subscribers, one_row_per_subscriber

DISTRIBUTION = "distr"


def _method(value: Any) -> str:
    name = str(value).lower()
    if name not in JoinedSpatialAggregate.allowed_methods:
        allowed = ", ".join(JoinedSpatialAggregate.allowed_methods)
        raise ValueError(f"Unknown method {value!r}: expected one of {allowed}.")
    return name


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class JoinedSpatialAggregate(Aggregate):
    """Statistic of a metric over the subscribers of each place.

    Subscribers without a place, or of whom the metric is not known, do not count.

    Parameters
    ----------
    metric : Query
        With a column ``subscriber`` and others, such as a
        :class:`~flowmachine.features.subscriber.metaclasses.SubscriberFeature`.
    locations : BaseLocation
    method : Statistic or str
        A :class:`~flowmachine.core.statistic_types.Statistic` or its name, or ``distr``: the share of
        each value of the metric.

    Notes
    -----
    Columns: the unit's location columns, then those of the metric but ``subscriber``, with the
    statistic of each. For ``distr``: the location columns, ``metric`` (text, the name of a column),
    ``key`` (text, a value of it), ``value`` (numeric; the shares of a place and column add up to 1).
    The contributors of a row are the subscribers of whom a value is known.

    Raises
    ------
    ValueError
        For an unknown method, or a metric without ``subscriber`` or anything else.

    Warns
    -----
    UserWarning
        If metric and locations are about different dates.
    """

    allowed_methods: ClassVar[tuple[str, ...]] = (*(statistic.value for statistic in Statistic), DISTRIBUTION)

    metric: Query = attrs.field(validator=attrs.validators.instance_of(Query))
    locations: BaseLocation = attrs.field(validator=attrs.validators.instance_of(BaseLocation))
    method: str = attrs.field(converter=_method)

    def __init__(
        self, *, metric: Query, locations: BaseLocation, method: Statistic | str = Statistic.AVG
    ) -> None:
        self.__attrs_init__(metric=metric, locations=locations, method=method)
        require_columns(metric, "subscriber")
        if not self._measured:
            raise ValueError(f"{type(metric).__name__} has no column but 'subscriber'.")
        for name in ("start", "stop"):
            dates = [getattr(query, name, None) for query in (metric, locations)]
            if None not in dates and dates[0] != dates[1]:
                warnings.warn(
                    f"The {name} dates of metric and locations differ: {dates[0]} and {dates[1]}.",
                    stacklevel=2,
                )

    @property
    def _measured(self) -> list[str]:
        return [name for name in self.metric.column_names if name != "subscriber"]

    @property
    def spatial_unit(self) -> SpatialUnit:
        """The spatial unit of the locations."""
        return self.locations.spatial_unit

    @property
    def release_rule(self) -> ReleaseRule:
        """Shares complete each other; those of subscribers who are in several are withheld together."""
        if self.method != DISTRIBUTION:
            return EachRow()
        whole = (*self.spatial_unit.location_id_columns, "metric")
        return Shares(whole) if self._one_row_each else Together(whole)

    @property
    def _one_row_each(self) -> bool:
        return one_row_per_subscriber(self.metric, self.locations)

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        """Join the metric and the locations on the subscriber, and group by place."""
        metric, located = using(self.metric).alias(), using(self.locations).alias()
        joined = located.join(metric, located.c.subscriber == metric.c.subscriber)
        place = [located.c[name] for name in self.spatial_unit.location_id_columns]
        if self.method == DISTRIBUTION:
            return self._shares(joined, place, metric, located.c.subscriber)
        statistic = Statistic(self.method)
        known = [metric.c[name].is_not(None) for name in self._measured]
        people = [
            number_of_subscribers(located.c.subscriber, once=self._one_row_each).filter(one) for one in known
        ]
        contributors = people[0] if len(people) == 1 else sa.func.least(*people)
        return (
            sa.select(
                *place,
                *(statistic.of(metric.c[name]).label(name) for name in self._measured),
                contributors.label(CONTRIBUTORS),
            )
            .select_from(joined)
            .group_by(*place)
        )

    def _shares(
        self,
        joined: FromClause,
        place: Sequence[ColumnElement[Any]],
        metric: FromClause,
        subscriber: ColumnElement[Any],
    ) -> Select[Any]:
        parts = [
            sa.select(
                *place,
                sa.literal(name, sa.Text).label("metric"),
                sa.cast(metric.c[name], sa.Text).label("key"),
                sa.func.count().label("rows"),
                number_of_subscribers(subscriber, once=self._one_row_each).label(CONTRIBUTORS),
            )
            .select_from(joined)
            .where(metric.c[name].is_not(None))
            .group_by(*place, metric.c[name])
            for name in self._measured
        ]
        counts = (parts[0] if len(parts) == 1 else sa.union_all(*parts)).subquery("counts")
        whole = [counts.c[column.name] for column in place] + [counts.c.metric]
        share = sa.cast(counts.c.rows, sa.Numeric) / sa.func.sum(counts.c.rows).over(partition_by=whole)
        return sa.select(*whole, counts.c.key, share.label("value"), counts.c[CONTRIBUTORS])
