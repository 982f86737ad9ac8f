"""Values of subscribers, by place, in histograms, by pattern of days."""

from typing import Any

from tests.parity.specs.parts import (
    EVENTS,
    HOURS,
    METRICS,
    PERIODS,
    REFERENCES,
    STATISTICS,
    Spec,
    daily,
    day,
    handset,
    modal,
)


def _joined(metric: Spec, method: str, locations: Spec | None = None) -> Spec:
    where = daily(2, "admin2") if locations is None else locations
    return {"query_kind": "joined_spatial_aggregate", "locations": where, "metric": metric, "method": method}


def _histogram(metric: Spec, bins: Spec, **more: Any) -> Spec:
    return {"query_kind": "histogram_aggregate", "metric": metric, "bins": bins, **more}


_CHARACTERISTICS = ("hnd_type", "brand", "model", "software_os_name", "software_os_vendor")

SPECS: dict[str, Spec] = {
    **{
        f"joined: {method} of {name}": _joined(metric, method)
        for name, metric in METRICS.items()
        for method in ("avg", "max")
    },
    **{f"joined: {statistic} of events": _joined(METRICS["events"], statistic) for statistic in STATISTICS},
    **{
        f"joined: events at {name}": _joined(METRICS["events"], "sum", locations)
        for name, locations in REFERENCES.items()
    },
    "joined: events by position": _joined(METRICS["events"], "median", modal(1, 2, unit="lon-lat")),
    "joined: nobody's events": _joined(METRICS["events"], "distr"),
    **{
        f"joined: shares of {name}, {method}": _joined(handset(name, method), "distr")
        for name in _CHARACTERISTICS
        for method in ("last", "most-common")
    },
    **{f"joined: mode of {name}": _joined(handset(name), "mode") for name in _CHARACTERISTICS[:3]},
    "joined: handsets of callers": _joined(handset("brand", **EVENTS["calls"], **HOURS["morning"]), "distr"),
    "joined: average handset": _joined(handset("brand"), "avg"),
    **{
        f"histogram: {name}": _histogram(metric, {"n_bins": 3})
        for name, metric in METRICS.items()
        if metric.get("statistic") != "stddev"  # many of whose values are those of edges, but for rounding
    },
    "histogram: ten of events": _histogram(METRICS["events"], {"n_bins": 10}),
    "histogram: edges of events": _histogram(METRICS["events"], {"bin_list": [1, 3, 6, 10, 15]}),
    "histogram: edges of balances": _histogram(METRICS["balance"], {"bin_list": [0.0, 20.5, 60.25, 100.0]}),
    "histogram: spread of amounts": _histogram(
        METRICS["amount of mornings"], {"n_bins": 3}, range={"lower_bound": 0.05, "upper_bound": 6.31}
    ),
    "histogram: range of events": _histogram(
        METRICS["events"], {"n_bins": 4}, range={"lower_bound": 2, "upper_bound": 14}
    ),
    "histogram: range of gyration": _histogram(
        METRICS["radius of gyration"], {"n_bins": 5}, range={"lower_bound": 0.0, "upper_bound": 200.0}
    ),
    "calendar: days": {"query_kind": "calendar_activity", **PERIODS},
    "calendar: calls by two days": {
        "query_kind": "calendar_activity", "start_date": day(1), "total_periods": 3, "period_length": 2,
        **EVENTS["calls"],
    },
    "calendar: hours": {
        "query_kind": "calendar_activity", "start_date": day(3), "total_periods": 3, "period_length": 8,
        "period_unit": "hours",
    },
    "calendar: mornings": {"query_kind": "calendar_activity", **PERIODS, **HOURS["morning"]},
    "calendar: minutes": {
        "query_kind": "calendar_activity", "start_date": day(3), "total_periods": 4, "period_length": 240,
        "period_unit": "minutes", **EVENTS["sms"],
    },
    **{
        f"localised calendar: {name}": {
            "query_kind": "localised_calendar_activity", "start_date": day(1), "total_periods": 1,
            "reference_location": REFERENCES[name],
        }
        for name in ("last", "modal")
    },
    "localised calendar: country": {
        "query_kind": "localised_calendar_activity", **PERIODS,
        "reference_location": daily(1, "admin0"), **EVENTS["calls"],
    },
    "localised calendar: regions": {
        "query_kind": "localised_calendar_activity", "start_date": day(2), "total_periods": 2,
        "reference_location": daily(1, "admin1"), **EVENTS["sms"],
    },
}  # fmt: skip
