"""What queries that place subscribers have in common."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.identity import ADDED_LATER
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.daily_visits import OverDays
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.visits import Measure

if TYPE_CHECKING:
    from flowmachine.core.statistic_types import Statistic
    from flowmachine.features.location.joined_spatial_aggregate import JoinedSpatialAggregate
    from flowmachine.features.location.spatial_aggregate import SpatialAggregate


class BaseLocation(Query):
    """Base of queries whose rows place subscribers: ``subscriber``, then the unit's location columns."""

    worth_storing = True
    one_row_per_subscriber: ClassVar[bool] = True
    spatial_unit: SpatialUnit
    start: str

    def aggregate(self) -> "SpatialAggregate":
        """Count the subscribers of each place."""
        from flowmachine.features.location.spatial_aggregate import SpatialAggregate

        return SpatialAggregate(locations=self)

    def join_aggregate(self, metric: Query, method: "Statistic | str" = "avg") -> "JoinedSpatialAggregate":
        """Return a statistic of a metric of the subscribers of each place."""
        from flowmachine.features.location.joined_spatial_aggregate import JoinedSpatialAggregate

        return JoinedSpatialAggregate(metric=metric, locations=self, method=method)

    def __getitem__(self, subscribers: Any) -> Any:
        """Return the rows of one subscriber, or of some."""
        return self.subset("subscriber", subscribers)


@attrs.frozen(eq=False, slots=False, repr=False)
class BestVisit(OverDays, BaseLocation):
    """Base of queries that place each subscriber where the best of their visits was.

    Events in a cell that lies in none of the unit's places do not count.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    spatial_unit : SpatialUnit, default admin 3
    hours : pair of int, optional
        Hours of the day, 0 to 24, half-open, wrapping midnight if the first is later.
    table : str or list of str, optional
        Tables of events such as ``"events.calls"``; all with interactions by default.
    subscriber_identifier : {"msisdn", "imei", "imsi"}
    ignore_nulls : bool, default True
        Leave out events without a cell. Otherwise, in the unit of cells, null and the empty text are
        places like others, null the last in order; other units have no such places.
    subscriber_subset : see :func:`flowmachine.core.subset.subscriber_subset`

    Notes
    -----
    Columns: ``subscriber`` (text), then the unit's location columns.

    Raises
    ------
    ValueError
        For a parameter that cannot be used.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    spatial_unit: SpatialUnit = fields.unit_field(default=fields.admin3())
    hours: Hours = fields.hours_field()
    table: EventTables = fields.table_field()
    subscriber_identifier: str = fields.identifier_field()
    subscriber_subset: SubscriberSubset = fields.subset_field()
    ignore_nulls: bool = fields.flag_field(True, metadata=ADDED_LATER)
    reads_events = True

    measures: ClassVar[Mapping[str, Measure]]
    """What is known of a visit, and what makes it better, the most important first."""

    def ranking(self, visits: FromClause) -> list[ColumnElement[Any]]:
        """Order visits, the best first: by the largest measures, unless a subclass says otherwise."""
        return [sa.desc(visits.c[name]) for name in self.measures]

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def select(self, using: Compilation) -> Select[Any]:
        """Take the best visit of each subscriber; of equally good ones, that to the place first in order."""
        visits = self.visits(using, self.measures).subquery("visits")
        place = [visits.c[name] for name in self.spatial_unit.location_id_columns]
        return sql.first_per(
            [visits.c.subscriber],
            [*self.ranking(visits), *place],
            columns=[visits.c.subscriber, *place],
        )
