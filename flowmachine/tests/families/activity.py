"""Examples of what subscribers did."""

from flowmachine.features.subscriber.event_count import EventCount

QUERIES = {
    "event count": EventCount("2016-01-01", "2016-01-03"),
    "event count, made": EventCount("2016-01-01", "2016-01-03", direction="out"),
    "event count, of calls": EventCount("2016-01-01", "2016-01-03", tables="events.calls"),
}
