"""When things happen: the share of a day's events in each hour."""

from datetime import date

_SATURDAY, _SUNDAY = 5, 6
# Share of a day's events by hour: hardly any at night, most in the early evening; later on free days.
_WORKING_HOURS = (
    *(0.6, 0.3, 0.2, 0.2, 0.4, 1.2, 3.0, 4.6, 5.6, 5.9, 6.0, 5.8),
    *(5.6, 5.5, 5.5, 5.6, 6.0, 6.8, 7.6, 7.9, 7.0, 5.0, 2.6, 1.1),
)
_FREE_HOURS = (
    *(1.2, 0.7, 0.4, 0.3, 0.3, 0.6, 1.4, 2.8, 4.4, 5.6, 6.2, 6.4),
    *(6.2, 5.9, 5.7, 5.7, 5.9, 6.4, 7.2, 7.8, 7.3, 5.6, 3.6, 2.0),
)


def hour_weights(day: date) -> tuple[float, ...]:
    """Return the weight of each hour of a day, to one decimal; they need not add up to 100."""
    return _FREE_HOURS if day.weekday() in (_SATURDAY, _SUNDAY) else _WORKING_HOURS
