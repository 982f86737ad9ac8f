"""How long each subscriber's calls lasted: in all, by place, by counterpart, or by both."""

from typing import Any, ClassVar

import attrs
import sqlalchemy as sa
from sqlalchemy import Select

from flowmachine.core.compilation import Compilation
from flowmachine.core.facts import Facts
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.core.statistic_types import Statistic
from flowmachine.core.subset import SubscriberSubset
from flowmachine.features.subscriber.metaclasses import SubscriberFeature
from flowmachine.features.utilities import fields
from flowmachine.features.utilities.contacts import COUNTERPART
from flowmachine.features.utilities.direction import Direction
from flowmachine.features.utilities.events import check_events, select_window
from flowmachine.features.utilities.hours import Hours
from flowmachine.features.utilities.placed_events import select_other_legs, select_placed_events

CALLS = "events.calls"


@attrs.frozen(eq=False, slots=False, repr=False)
class SubscriberCallDurations(SubscriberFeature):
    """Statistic of the durations of each subscriber's calls in ``[start, stop)``.

    Parameters
    ----------
    start, stop : str, date or datetime
        The window of time, its end not included.
    subscriber_identifier, hours, subscriber_subset
        As for :class:`~flowmachine.features.subscriber.event_count.EventCount`.
    direction : {"in", "out", "both"}, default "out"
    statistic : Statistic or str, default sum

    Notes
    -----
    Columns: ``subscriber`` (text), ``value`` (seconds, of the statistic's type). Calls without a
    duration do not enter the statistic: of a subscriber who has no other, it is null, or for
    ``count`` 0.

    Raises
    ------
    ValueError
        For an unknown statistic.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    direction: Direction = fields.direction_field(Direction.OUT)
    statistic: Statistic = fields.statistic_field(Statistic.SUM, kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: ClassVar[tuple[str, ...]] = (CALLS,)
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, self.direction)

    def select(self, using: Compilation) -> Select[Any]:
        """Group the calls by subscriber."""
        calls = select_window(self, using, "duration", direction=self.direction).subquery("calls")
        return sa.select(calls.c.subscriber, self.statistic.of(calls.c.duration).label("value")).group_by(
            calls.c.subscriber
        )


@attrs.frozen(eq=False, slots=False, repr=False)
class PerLocationSubscriberCallDurations(SubscriberFeature):
    """Statistic of the durations of each subscriber's calls by where the subscriber was.

    Parameters
    ----------
    start, stop, subscriber_identifier, direction, statistic, hours, subscriber_subset
        As for :class:`SubscriberCallDurations`.
    spatial_unit : SpatialUnit, default admin 3

    Notes
    -----
    Columns: ``subscriber`` (text), the unit's location columns, ``value`` (seconds, of the
    statistic's type). Calls that lie in none of the unit's places are left out; calls without a
    duration do not enter the statistic.

    Raises
    ------
    ValueError
        For an unknown statistic.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    direction: Direction = fields.direction_field(Direction.OUT)
    statistic: Statistic = fields.statistic_field(Statistic.SUM, kw_only=True)
    spatial_unit: SpatialUnit = fields.unit_field(default=fields.admin3(), kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: ClassVar[tuple[str, ...]] = (CALLS,)
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, self.direction)

    def select(self, using: Compilation) -> Select[Any]:
        """Group the calls by subscriber and place."""
        calls = select_placed_events(
            self, using, self.spatial_unit, "duration", direction=self.direction
        ).subquery("calls")
        keys = [calls.c.subscriber, *(calls.c[name] for name in self.spatial_unit.location_id_columns)]
        return sa.select(*keys, self.statistic.of(calls.c.duration).label("value")).group_by(*keys)


@attrs.frozen(eq=False, slots=False, repr=False)
class PairedSubscriberCallDurations(SubscriberFeature):
    """Statistic of the durations of the calls that each subscriber made to each counterpart.

    Parameters
    ----------
    start, stop, subscriber_identifier, statistic, hours, subscriber_subset
        As for :class:`SubscriberCallDurations`.

    Notes
    -----
    Columns: ``subscriber``, ``msisdn_counterpart`` (text), ``value`` (seconds, of the statistic's
    type). Calls without a counterpart are left out; calls without a duration do not enter the
    statistic. Subscribers who call themselves are their own counterparts.

    Raises
    ------
    ValueError
        For an unknown statistic.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    statistic: Statistic = fields.statistic_field(Statistic.SUM, kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: ClassVar[tuple[str, ...]] = (CALLS,)
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, Direction.OUT)

    def select(self, using: Compilation) -> Select[Any]:
        """Group the calls made by subscriber and counterpart."""
        calls = select_window(self, using, COUNTERPART, "duration", direction=Direction.OUT).subquery("calls")
        keys = [calls.c.subscriber, calls.c[COUNTERPART]]
        return (
            sa.select(*keys, self.statistic.of(calls.c.duration).label("value"))
            .where(calls.c[COUNTERPART].is_not(None))
            .group_by(*keys)
        )


@attrs.frozen(eq=False, slots=False, repr=False)
class PairedPerLocationSubscriberCallDurations(SubscriberFeature):
    """Statistic of the durations of calls by who made them to whom, and where both were.

    Where the counterpart was is told by the call's incoming record: that with the same ``id``, in the
    window at any hour. Of several such records, the earliest that lies in one of the unit's places is
    taken, then that of the place first in order.

    Parameters
    ----------
    start, stop, subscriber_identifier, statistic, hours, subscriber_subset
        As for :class:`SubscriberCallDurations`. They are about the caller.
    spatial_unit : SpatialUnit, default admin 3

    Notes
    -----
    Columns: ``subscriber``, ``msisdn_counterpart`` (text), the unit's location columns, the same with
    the suffix ``_counterpart`` (null where it is not known, as for subscribers of other networks),
    ``value`` (seconds, of the statistic's type). Calls of a subscriber who was in none of the unit's
    places, or to nobody known, are left out; calls without a duration do not enter the statistic.

    Raises
    ------
    ValueError
        For an unknown statistic.
    MissingDateError
        When planned, if no day of the window has been loaded.
    """

    start: str = fields.date_field()
    stop: str = fields.date_field()
    subscriber_identifier: str = fields.identifier_field(kw_only=True)
    statistic: Statistic = fields.statistic_field(Statistic.SUM, kw_only=True)
    spatial_unit: SpatialUnit = fields.unit_field(default=fields.admin3(), kw_only=True)
    hours: Hours = fields.hours_field(kw_only=True)
    subscriber_subset: SubscriberSubset = fields.subset_field()
    table: ClassVar[tuple[str, ...]] = (CALLS,)
    reads_events = True

    def check(self, facts: Facts) -> None:
        """Refuse a window without data."""
        check_events(self, facts, Direction.OUT)

    def select(self, using: Compilation) -> Select[Any]:
        """Join the calls made to the calls received, and group by who and where."""
        unit, names = self.spatial_unit, self.spatial_unit.location_id_columns
        read = ("id", COUNTERPART, "duration")
        made = select_placed_events(self, using, unit, *read, direction=Direction.OUT).subquery("made")
        received = select_other_legs(self, using, unit, CALLS, Direction.IN).subquery("received")
        keys = [
            made.c.subscriber,
            made.c[COUNTERPART],
            *(made.c[name] for name in names),
            *(received.c[name] for name in names),
        ]
        shown = [*keys[: -len(names)], *(received.c[name].label(f"{name}_counterpart") for name in names)]
        return (
            sa.select(*shown, self.statistic.of(made.c.duration).label("value"))
            .select_from(made.join(received, made.c.id == received.c.id, isouter=True))
            .where(made.c[COUNTERPART].is_not(None))
            .group_by(*keys)
        )
