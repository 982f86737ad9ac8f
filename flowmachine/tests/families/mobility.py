"""Examples of how far subscribers go, how evenly they spread, what they carry and what they spend."""

from flowmachine.core import make_spatial_unit
from flowmachine.features import (
    ContactEntropy,
    Displacement,
    DistanceSeries,
    HandsetStats,
    ImputedDistanceSeries,
    IterativeMedianFilter,
    LocationEntropy,
    MDSVolume,
    PeriodicEntropy,
    RadiusOfGyration,
    SubscriberHandset,
    SubscriberHandsetCharacteristic,
    SubscriberHandsets,
    SubscriberTAC,
    SubscriberTACs,
    TopUpAmount,
    TopUpBalance,
    daily_location,
)
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations

_WINDOW = ("2016-01-01", "2016-01-03")
_POSITIONS = make_spatial_unit("lon-lat")
_HOME = daily_location("2016-01-01", spatial_unit=_POSITIONS)
_SERIES = DistanceSeries(subscriber_locations=SubscriberLocations(*_WINDOW, spatial_unit=_POSITIONS))
_HANDSETS = SubscriberHandsets(*_WINDOW)

QUERIES = {
    "radius of gyration": RadiusOfGyration(*_WINDOW),
    "radius of gyration, in metres": RadiusOfGyration(*_WINDOW, "m"),
    "displacement": Displacement(*_WINDOW, _HOME),
    "displacement, in metres": Displacement(*_WINDOW, _HOME, unit="m"),
    "displacement, median": Displacement(*_WINDOW, _HOME, "median"),
    "displacement, of all": Displacement(*_WINDOW, _HOME, return_subscribers_not_seen=True),
    "distance series": _SERIES,
    "distance series, from elsewhere": DistanceSeries(
        subscriber_locations=_SERIES.subscriber_locations, reference_location=(1, 2)
    ),
    "distance series, from a location": DistanceSeries(
        subscriber_locations=_SERIES.subscriber_locations, reference_location=_HOME
    ),
    "distance series, largest": DistanceSeries(
        subscriber_locations=_SERIES.subscriber_locations, statistic="max"
    ),
    "distance series, by hour": DistanceSeries(
        subscriber_locations=_SERIES.subscriber_locations, time_bucket="hour"
    ),
    "imputed distance series": ImputedDistanceSeries(distance_series=_SERIES),
    "imputed distance series, smoother": ImputedDistanceSeries(distance_series=_SERIES, window_size=5),
    "filtered": IterativeMedianFilter(query_to_filter=_SERIES, filter_window_size=3),
    "filtered, smoother": IterativeMedianFilter(query_to_filter=_SERIES, filter_window_size=5),
    "filtered, in one": IterativeMedianFilter(
        query_to_filter=_SERIES, filter_window_size=3, partition_column=None
    ),
    "filtered, in no order": IterativeMedianFilter(
        query_to_filter=_SERIES, filter_window_size=3, order_column=None
    ),
    "filtered, another column": IterativeMedianFilter(
        query_to_filter=_HANDSETS, filter_window_size=3, column_to_filter="width", order_column="time"
    ),
    "periodic entropy": PeriodicEntropy(*_WINDOW),
    "periodic entropy, by weekday": PeriodicEntropy(*_WINDOW, "dow"),
    "periodic entropy, made": PeriodicEntropy(*_WINDOW, direction="out"),
    "location entropy": LocationEntropy(*_WINDOW),
    "location entropy, by region": LocationEntropy(
        *_WINDOW, spatial_unit=make_spatial_unit("admin", level=3)
    ),
    "location entropy, with nulls": LocationEntropy(*_WINDOW, ignore_nulls=False),
    "contact entropy": ContactEntropy(*_WINDOW),
    "contact entropy, with self calls": ContactEntropy(*_WINDOW, exclude_self_calls=False),
    "contact entropy, received": ContactEntropy(*_WINDOW, direction="in"),
    "TACs": SubscriberTACs(*_WINDOW),
    "TAC": SubscriberTAC(*_WINDOW),
    "TAC, last": SubscriberTAC(*_WINDOW, method="last"),
    "handsets": _HANDSETS,
    "handset": SubscriberHandset(*_WINDOW),
    "handset, last": SubscriberHandset(*_WINDOW, method="last"),
    "handset characteristic": SubscriberHandsetCharacteristic(*_WINDOW, "brand"),
    "handset characteristic, another": SubscriberHandsetCharacteristic(*_WINDOW, "hnd_type"),
    "handset characteristic, last": SubscriberHandsetCharacteristic(*_WINDOW, "brand", method="last"),
    "handset stats": HandsetStats("width", subscriber_handsets=_HANDSETS),
    "handset stats, another": HandsetStats("height", subscriber_handsets=_HANDSETS),
    "handset stats, mean": HandsetStats("width", "avg", subscriber_handsets=_HANDSETS),
    "topup amount": TopUpAmount(*_WINDOW),
    "topup amount, sum": TopUpAmount(*_WINDOW, "sum"),
    "topup balance": TopUpBalance(*_WINDOW),
    "topup balance, mode": TopUpBalance(*_WINDOW, "mode"),
    "data volume": MDSVolume(*_WINDOW),
    "data volume, upload": MDSVolume(*_WINDOW, "upload"),
    "data volume, mean": MDSVolume(*_WINDOW, statistic="avg"),
}
