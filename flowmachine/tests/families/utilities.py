"""Examples of what queries are made from."""

from flowmachine.features.utilities.subscriber_locations import SubscriberLocations

QUERIES = {
    "subscriber locations": SubscriberLocations("2016-01-01", "2016-01-03"),
    "subscriber locations, with nulls": SubscriberLocations("2016-01-01", "2016-01-03", ignore_nulls=False),
}
