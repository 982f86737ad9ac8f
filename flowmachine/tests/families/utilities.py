"""Examples of what queries are made from."""

from flowmachine.core.hour_slice import HourInterval
from flowmachine.features import (
    EventsTablesUnion,
    EventTableSubset,
    GroupValues,
    SubscriberLocationSubset,
    UniqueSubscribers,
    daily_location,
)
from flowmachine.features.utilities.combine_first import CombineFirst
from flowmachine.features.utilities.daily_visits import DailyVisits
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations
from flowmachine.features.utilities.unique_values_from_queries import UniqueValuesFromQueries

_WINDOW = ("2016-01-01", "2016-01-03")
_DAY, _NEXT = daily_location("2016-01-01"), daily_location("2016-01-02")
_MORNING = HourInterval(start_hour="06:00", stop_hour="12:00", freq="day")
_COMBINED = {"join_columns": "subscriber", "combine_columns": "pcod"}

_ONE_DAY = {"start": "2016-01-01", "stop": "2016-01-02"}

QUERIES = {
    "visits of a day": DailyVisits(**_ONE_DAY),
    "visits of a day, made": DailyVisits(**_ONE_DAY, direction="out"),
    "subscriber locations": SubscriberLocations("2016-01-01", "2016-01-03"),
    "subscriber locations, with nulls": SubscriberLocations("2016-01-01", "2016-01-03", ignore_nulls=False),
    "events of a table": EventTableSubset(start="2016-01-01", stop="2016-01-03"),
    "events of a table, from a day on": EventTableSubset(start="2016-01-01"),
    "events of a table, up to a day": EventTableSubset(stop="2016-01-01"),
    "events of a table, of hours": EventTableSubset(start="2016-01-01", hours=(6, 12)),
    "events of a table, of a slice of hours": EventTableSubset(start="2016-01-01", hour_slices=[_MORNING]),
    "events of a table, some columns": EventTableSubset(start="2016-01-01", columns=["msisdn"]),
    "events of a table, by handset": EventTableSubset(
        start="2016-01-01", columns=["msisdn"], subscriber_identifier="imei"
    ),
    "events of tables": EventsTablesUnion(*_WINDOW, columns=["msisdn", "datetime"]),
    "events of tables, named": EventsTablesUnion(
        *_WINDOW, columns=["msisdn", "datetime"], tables="events.sms"
    ),
    "active subscribers of a window": UniqueSubscribers(*_WINDOW),
    "active subscribers of a window, of a table": UniqueSubscribers(*_WINDOW, table="events.sms"),
    "callers of places": SubscriberLocationSubset(*_WINDOW, min_calls=2),
    "callers of places, more": SubscriberLocationSubset(*_WINDOW, min_calls=3),
    "callers of places, called": SubscriberLocationSubset(*_WINDOW, min_calls=2, direction="in"),
    "values by group": GroupValues("subscriber", "duration", *_WINDOW),
    "values by group, the other way": GroupValues("duration", "subscriber", *_WINDOW),
    "values by group, two": GroupValues("subscriber", ["duration", "datetime"], *_WINDOW),
    "values by group, two in another order": GroupValues("subscriber", ["datetime", "duration"], *_WINDOW),
    "first of two": CombineFirst(first_query=_DAY, other_query=_NEXT, **_COMBINED),
    "first of two, the other way": CombineFirst(first_query=_NEXT, other_query=_DAY, **_COMBINED),
    "different values": UniqueValuesFromQueries(query_list=[_DAY, _NEXT], column_names="pcod"),
    "different values, of more columns": UniqueValuesFromQueries(
        query_list=[_DAY, _NEXT], column_names=["pcod", "subscriber"]
    ),
    "different values, columns in another order": UniqueValuesFromQueries(
        query_list=[_DAY, _NEXT], column_names=["subscriber", "pcod"]
    ),
}
