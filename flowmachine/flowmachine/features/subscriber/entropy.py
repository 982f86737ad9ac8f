"""How evenly each subscriber's events spread over hours, places or contacts."""

from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from flowmachine.core import moments
from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.spatial_unit import CellSpatialUnit, SpatialUnit
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.daily_visits import OverDays
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import EventTables, check_events, select_window
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.visits import NUMBER_OF_EVENTS


class BaseEntropy(SubscriberFeature):
    r"""Base of queries for the entropy of each subscriber's events over categories.

    :math:`-\\sum_c p_c \\ln p_c`, where :math:`p_c` is the share of the events in category :math:`c`: 0 if
    all are in one, :math:`\\ln n` if they are spread evenly over :math:`n`.

    References
    ----------
    .. [1] C. E. Shannon, "A Mathematical Theory of Communication", Bell System Technical Journal 27,
       379-423 (1948).
    """

    reads_events = True

    def counts(self, using: Compilation) -> Select[Any]:
        """Select ``subscriber`` and ``events``, a row for each of the subscriber's categories."""
        raise NotImplementedError(f"{type(self).__name__} must implement counts().")

    def select(self, using: Compilation) -> Select[Any]:
        """Return the entropy of each subscriber's counts."""
        counts: FromClause = self.counts(using).subquery("counts")
        events = sa.cast(counts.c.events, sa.Double)
        whole = sa.func.sum(events)
        # The same as the sum over shares, without a second look at the counts; of one category it is exact.
        spread = sa.func.ln(whole) - sa.func.sum(events * sa.func.ln(events)) / whole
        entropy = sa.case((sa.func.count() > 1, spread), else_=sa.cast(0, sa.Double))
        return sa.select(counts.c.subscriber, entropy.label("entropy")).group_by(counts.c.subscriber)


@attrs.frozen(eq=False, slots=False, repr=False)
class PeriodicEntropy(BaseEntropy):
    """Entropy of the times of each subscriber's events, such as the hour of the day.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    phase : str, default "hour"
        The part of the event's time, in UTC, that is a category: century, day (of the month), decade,
        dow (0 to 6 from Sunday), doy (day of the year), epoch, hour, isodow (1 to 7 from Monday), isoyear,
        microseconds, millennium, milliseconds, minute, month, quarter, second, week or year.
    subscriber_identifier, direction, hours, subscriber_subset, tables
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`.

    Notes
    -----
    Columns: ``subscriber`` (text), ``entropy`` (double precision, nats).

    Raises
    ------
    ValueError
        For another phase.
    MissingColumnsError
        When planned, if a direction is asked of events that have none.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    phase: str = attrs.field(default="hour", validator=attrs.validators.in_(moments.PARTS))
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    direction: Direction = fields.direction_field()
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: EventTables = fields.table_field(kw_only=True, argument="tables")

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, self.direction)

    def counts(self, using: Compilation) -> Select[Any]:
        """Count the events of each subscriber by the part of their time."""
        events = select_window(self, using, "datetime", direction=self.direction).subquery("events")
        phase = moments.part(self.phase, events.c.datetime)
        return sa.select(events.c.subscriber, sa.func.count().label("events")).group_by(
            events.c.subscriber, phase
        )


@attrs.frozen(eq=False, slots=False, repr=False)
class LocationEntropy(OverDays, BaseEntropy):
    """Entropy of the places of each subscriber's events.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    spatial_unit : SpatialUnit, default cell
    subscriber_identifier, hours, subscriber_subset, tables
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`.
    ignore_nulls : bool, default True
        Leave out events without a cell; otherwise, where places are cells, to have none is a place too.
        Events in a cell that lies in none of the unit's places are left out in any case.

    Notes
    -----
    Columns: ``subscriber`` (text), ``entropy`` (double precision, nats).

    Raises
    ------
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    spatial_unit: SpatialUnit = fields.unit_field(default=CellSpatialUnit(), kw_only=True)
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    ignore_nulls: bool = fields.flag_field(True)

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts)

    def counts(self, using: Compilation) -> Select[Any]:
        """Count the events of each subscriber by place."""
        visits = self.visits(using, {"events": NUMBER_OF_EVENTS}).subquery("visits")
        if self.ignore_nulls or not isinstance(self.spatial_unit, CellSpatialUnit):
            return sa.select(visits.c.subscriber, visits.c.events)
        keys = [visits.c.subscriber, sa.func.nullif(visits.c.location_id, sa.literal("", sa.Text))]
        return sa.select(visits.c.subscriber, sa.func.sum(visits.c.events).label("events")).group_by(*keys)


@attrs.frozen(eq=False, slots=False, repr=False)
class ContactEntropy(BaseEntropy):
    """Entropy of the counterparts of each subscriber's events.

    Events without a counterpart do not count.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    subscriber_identifier, direction, hours, subscriber_subset, tables
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`.
    exclude_self_calls : bool, default True
        Leave out events whose counterpart is the subscriber; only where subscribers are identified by
        ``msisdn``, as counterparts are.

    Notes
    -----
    Columns: ``subscriber`` (text), ``entropy`` (double precision, nats).

    Raises
    ------
    MissingColumnsError
        When planned, if the events have no counterparts, or no direction and one is asked for.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    direction: Direction = fields.direction_field()
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: EventTables = fields.table_field(kw_only=True, argument="tables")
    exclude_self_calls: bool = fields.flag_field(True)

    def check(self, facts: Facts) -> None:
        """Refuse a window without data, or events without counterparts."""
        check_events(self, facts, self.direction, ["msisdn_counterpart"])

    def counts(self, using: Compilation) -> Select[Any]:
        """Count the events of each subscriber by counterpart."""
        columns = ("msisdn_counterpart",)
        events = select_window(self, using, *columns, direction=self.direction).subquery("events")
        subscriber, counterpart = events.c.subscriber, events.c.msisdn_counterpart
        kept: list[ColumnElement[bool]] = [counterpart.is_not(None)]
        if self.exclude_self_calls and self.subscriber_identifier == "msisdn":
            kept.append(subscriber != counterpart)
        return (
            sa.select(subscriber, sa.func.count().label("events"))
            .where(*kept)
            .group_by(subscriber, counterpart)
        )
