"""Where each subscriber was on a day."""

import datetime as dt
from typing import Any, Literal

from flowmachine.core.dates import DateLike, parse_date
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.subscriber.last_location import LastLocation
from flowmachine.features.subscriber.most_frequent_location import MostFrequentLocation
from flowmachine.features.utilities.locating import BaseLocation

Method = Literal["last", "most-common"]


def locate_subscribers(
    start: DateLike,
    stop: DateLike,
    spatial_unit: SpatialUnit | None = None,
    hours: Any = None,
    method: Method = "last",
    table: Any = "all",
    subscriber_identifier: str = "msisdn",
    *,
    ignore_nulls: bool = True,
    subscriber_subset: Any = None,
) -> BaseLocation:
    """Return the query that places each subscriber once in a window of time.

    Parameters
    ----------
    method : {"last", "most-common"}
        ``last``: the place of the latest event; ``most-common``: the place with most events.

    Other parameters are as for :class:`~flowmachine.features.utilities.locating.BestVisit`.

    Raises
    ------
    ValueError
        For an unknown method.
    """
    classes: dict[str, type[Any]] = {"last": LastLocation, "most-common": MostFrequentLocation}
    if method not in classes:
        raise ValueError(f"Unknown method {method!r}: expected 'last' or 'most-common'.")
    return classes[method](
        start,
        stop,
        spatial_unit,
        hours,
        table,
        subscriber_identifier,
        ignore_nulls=ignore_nulls,
        subscriber_subset=subscriber_subset,
    )


def daily_location(
    date: DateLike,
    stop: DateLike | None = None,
    *,
    spatial_unit: SpatialUnit | None = None,
    hours: Any = None,
    method: Method = "last",
    table: Any = "all",
    subscriber_identifier: str = "msisdn",
    ignore_nulls: bool = True,
    subscriber_subset: Any = None,
) -> BaseLocation:
    """Return the query that places each subscriber once on a day.

    Parameters
    ----------
    date : str, date or datetime
    stop : str, date or datetime, optional
        The end of the window, not included; a day after ``date`` unless given.

    Other parameters are as for :func:`locate_subscribers`.
    """
    return locate_subscribers(
        date,
        stop if stop is not None else parse_date(date) + dt.timedelta(days=1),
        spatial_unit=spatial_unit,
        hours=hours,
        method=method,
        table=table,
        subscriber_identifier=subscriber_identifier,
        ignore_nulls=ignore_nulls,
        subscriber_subset=subscriber_subset,
    )
