"""Every kind of query as a call of flowclient, in the form that ``run_queries.py`` reads."""

from typing import Any

Call = dict[str, Any]

FIRST, SECOND, THIRD, AFTER = "2016-01-01", "2016-01-02", "2016-01-03", "2016-01-04"


def call(function: str, *, geojson: bool = True, **arguments: Any) -> Call:
    """Return a call; ``geojson`` says whether its result can be put on a map."""
    return {"function": function, "arguments": arguments, "geojson": geojson}


def daily(date: str, unit: str = "admin3", method: str = "last", **more: Any) -> Call:
    """Return a daily location."""
    return call("daily_location_spec", date=date, aggregation_unit=unit, method=method, **more)


MODAL = call(
    "modal_location_from_dates_spec",
    start_date=FIRST,
    end_date=AFTER,
    aggregation_unit="admin3",
    method="last",
)
WINDOW: dict[str, Any] = {"start_date": FIRST, "end_date": THIRD}


def parameters(**spec: Any) -> Call:
    """Return a query that flowclient has no function for."""
    return call("make_api_query", parameters=spec, geojson=spec["query_kind"] == "geography")


CALLS: dict[str, Call] = {
    "dummy": parameters(query_kind="dummy_query", dummy_param="reference", aggregation_unit="admin3"),
    "geography": parameters(query_kind="geography", aggregation_unit="admin2"),
    "last": call("spatial_aggregate", locations=daily(FIRST)),
    "last by position": call("spatial_aggregate", locations=daily(FIRST, "lon-lat")),
    "most common": call("spatial_aggregate", locations=daily(FIRST, method="most-common")),
    "calls of the morning": call(
        "spatial_aggregate", locations=daily(SECOND, "admin1", event_types=["calls"], hours=[6, 12])
    ),
    "modal": call("spatial_aggregate", locations=MODAL),
    "modal of three": call(
        "spatial_aggregate",
        locations=call(
            "modal_location_spec", locations=[daily(day, "admin2") for day in (FIRST, SECOND, THIRD)]
        ),
    ),
    "flows": call("flows", from_location=daily(FIRST), to_location=daily(SECOND)),
    "flows from home": call("flows", from_location=MODAL, to_location=daily(THIRD)),
    "flows with those who left": call(
        "flows", from_location=daily(FIRST, "admin1"), to_location=daily(SECOND, "admin1"), join_type="left"
    ),
    "unique subscribers": call("unique_subscriber_counts", aggregation_unit="admin3", **WINDOW),
    "unique subscribers by position": call("unique_subscriber_counts", aggregation_unit="lon-lat", **WINDOW),
    **{
        f"events by {interval}": call(
            "location_event_counts",
            start_date=FIRST,
            end_date=SECOND,
            aggregation_unit=unit,
            count_interval=interval,
            hours=hours,
        )
        for interval, unit, hours in (
            ("day", "admin3", None),
            ("hour", "admin2", None),
            ("min", "admin0", [8, 10]),
        )
    },
    "outgoing calls": call(
        "location_event_counts",
        aggregation_unit="admin3",
        count_interval="day",
        direction="out",
        event_types=["calls"],
        **WINDOW,
    ),
}

UNITS = ("admin0", "admin1", "admin2", "admin3", "lon-lat")
