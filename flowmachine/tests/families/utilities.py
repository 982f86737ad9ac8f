"""Examples of what queries are made from."""

from flowmachine.features.utilities.daily_visits import DailyVisits
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations

_DAY = {"start": "2016-01-01", "stop": "2016-01-02"}

QUERIES = {
    "visits of a day": DailyVisits(**_DAY),
    "visits of a day, made": DailyVisits(**_DAY, direction="out"),
    "subscriber locations": SubscriberLocations("2016-01-01", "2016-01-03"),
    "subscriber locations, with nulls": SubscriberLocations("2016-01-01", "2016-01-03", ignore_nulls=False),
}
