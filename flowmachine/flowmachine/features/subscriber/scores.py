"""How the times of subscribers' events at each place score: by hour of the day, and by day of the week."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.sql.elements import Grouping

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.events import EventTables, check_events
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.visits import NUMBER_OF_EVENTS, Measure, daily_visits

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOUR_SCORES = (*(-1.0,) * 7, *(0.0,) * 2, *(1.0,) * 8, *(0.0,) * 4, *(-1.0,) * 3)
WEEKDAY_SCORES = MappingProxyType(dict(zip(WEEKDAYS, (1.0, 1.0, 1.0, 0.0, -1.0, -1.0, -1.0), strict=True)))


def _scores(values: Iterable[Any]) -> tuple[float, ...]:
    try:
        scores = tuple(float(value) for value in values)
    except (TypeError, ValueError):
        raise ValueError("Scores are numbers from -1 to 1.") from None
    if not all(-1 <= score <= 1 for score in scores):
        raise ValueError(f"Scores are numbers from -1 to 1, not {', '.join(map(str, scores))}.")
    # Of the two zeros of floating point, one.
    return tuple(score + 0.0 for score in scores)


def hour_scores(value: Any) -> tuple[float, ...]:
    """Return the scores of the 24 hours of a day, from midnight on.

    Raises
    ------
    ValueError
        Unless they are 24 numbers from -1 to 1.
    """
    scores = _scores(value)
    if len(scores) != 24:
        raise ValueError(f"score_hour needs a score for each of the 24 hours of a day, not {len(scores)}.")
    return scores


def weekday_scores(value: Any) -> Mapping[str, float]:
    """Return the score of each day of the week, by its name in lower case.

    Raises
    ------
    ValueError
        Unless each of the seven days, and nothing else, has a number from -1 to 1.
    """
    if not isinstance(value, Mapping) or set(value) != set(WEEKDAYS):
        raise ValueError(f"score_dow needs a score for each of {', '.join(WEEKDAYS)}, and for nothing else.")
    return MappingProxyType(dict(zip(WEEKDAYS, _scores(value[day] for day in WEEKDAYS), strict=True)))


def _exact(score: float) -> ColumnElement[Any]:
    """Return a score as a decimal number, whose sums do not depend on their order."""
    return sa.literal(Decimal(repr(score)), sa.Numeric)


@attrs.frozen(eq=False, slots=False, repr=False, kw_only=True)
class EventScore(Query):
    """Mean scores of the hours and of the days of the week of each subscriber's events at each place.

    Work by day and sleep by night score apart, so that places can be told to be one or the other; see
    :class:`~flowmachine.features.subscriber.label_event_score.LabelEventScore`.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    spatial_unit : SpatialUnit, default admin 3
    hours, table, subscriber_identifier, subscriber_subset
        As for :class:`~flowmachine.features.utilities.locating.BestVisit`.
    score_hour : list of 24 float from -1 to 1
        The score of an event in each hour (UTC), from midnight on. By default -1 until 7 and from 21
        on, 1 from 9 to 17, 0 between.
    score_dow : dict of str to float from -1 to 1
        The score of an event on each day of the week, ``monday`` to ``sunday``. By default 1 from
        Monday to Wednesday, 0 on Thursday, -1 from Friday to Sunday.

    Notes
    -----
    Columns: ``subscriber`` (text), the unit's location columns, ``score_hour``, ``score_dow`` (double
    precision, -1 to 1).

    Raises
    ------
    ValueError
        For scores that are missing, too many, or not from -1 to 1.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    spatial_unit: SpatialUnit = fields.unit_field(default=fields.admin3(), kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    table: EventTables = fields.table_field(kw_only=True)
    score_hour: tuple[float, ...] = attrs.field(default=HOUR_SCORES, converter=hour_scores)
    score_dow: Mapping[str, float] = attrs.field(default=WEEKDAY_SCORES, converter=weekday_scores)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    reads_events = True
    worth_storing = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def _hours_scored(self, events: FromClause) -> ColumnElement[Any]:
        by_hour = Grouping(array([_exact(score) for score in self.score_hour]))
        return sa.func.sum(by_hour[sql.utc_hour(events.c.datetime) + 1])

    def select(self, using: Compilation) -> Select[Any]:
        """Score the events of each day, which has one day of the week, and divide by their number."""
        measures = {"events": NUMBER_OF_EVENTS, "score_hour": Measure(self._hours_scored, sa.func.sum)}
        names = ("subscriber", *self.spatial_unit.location_id_columns)
        days = []
        for day, daily in daily_visits(self, using, self.spatial_unit, measures):
            visits = daily.subquery("visits")
            on_day = visits.c.events * _exact(self.score_dow[WEEKDAYS[day.weekday()]])
            days.append(
                sa.select(
                    *(visits.c[name] for name in names),
                    visits.c.events,
                    visits.c.score_hour,
                    on_day.label("score_dow"),
                )
            )
        stacked = (days[0] if len(days) == 1 else sa.union_all(*days)).subquery("days")
        keys = [stacked.c[name] for name in names]
        events = sa.cast(sa.func.sum(stacked.c.events), sa.Double)
        means = [
            (sa.cast(sa.func.sum(stacked.c[name]), sa.Double) / events).label(name)
            for name in ("score_hour", "score_dow")
        ]
        return sa.select(*keys, *means).group_by(*keys)
