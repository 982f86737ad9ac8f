"""When subscribers are active."""

from flowclient._parameters import Date, Hours, Spec, describe, events, written_date
from flowclient.aggregates._query_function import QueryFunction, query_function


@describe()
def calendar_activity_spec(
    *,
    start_date: Date,
    total_periods: int,
    period_unit: str = "days",
    period_length: int = 1,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
) -> Spec:
    """Specify the number of subscribers by the periods in which they were active.

    Columns of the result: ``grp``, a list that tells for each period whether the group was active in
    it, and ``value``.
    """
    return {
        "query_kind": "calendar_activity",
        "start_date": written_date(start_date),
        "total_periods": total_periods,
        "period_unit": period_unit,
        "period_length": period_length,
        **events(event_types, subscriber_subset, hours),
    }


@describe(locations="Specification of the reference location of each subscriber.")
def localised_calendar_activity_spec(
    *,
    start_date: Date,
    total_periods: int,
    period_unit: str = "days",
    period_length: int = 1,
    event_types: list[str] | None = None,
    subscriber_subset: str | None = None,
    hours: Hours | None = None,
    locations: Spec,
) -> Spec:
    """Specify the number of subscribers at each place by the periods in which they were active.

    Columns of the result: the place (``pcod``, or ``lon`` and ``lat``), ``value_label``, a list that
    tells for each period whether the group was active in it, and ``value``.
    """
    return calendar_activity_spec(
        start_date=start_date,
        total_periods=total_periods,
        period_unit=period_unit,
        period_length=period_length,
        event_types=event_types,
        subscriber_subset=subscriber_subset,
        hours=hours,
    ) | {"query_kind": "localised_calendar_activity", "reference_location": locations}


calendar_activity: QueryFunction = query_function(calendar_activity_spec)
localised_calendar_activity: QueryFunction = query_function(localised_calendar_activity_spec)
