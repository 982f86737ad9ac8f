"""Use the published FlowMachine as an analyst's notebook would, with its public interface alone.

Finds FlowDB and Redis through the environment. Writes one JSON object: what connecting printed, what every
query gave and under which id it is stored, and what else FlowMachine asked FlowDB.
"""

import contextlib
import io
import json
import sys
import warnings
from typing import Any

import flowmachine
from flowmachine.core import Grid, Table, cache, make_spatial_unit
from flowmachine.core.context import get_db, get_redis
from flowmachine.features import (
    CallDays,
    DistanceMatrix,
    Flows,
    HartiganCluster,
    LocationArea,
    LocationCluster,
    ModalLocation,
    RadiusOfGyration,
    SubscriberHandsetCharacteristic,
    TotalLocationEvents,
    UniqueSubscriberCounts,
    daily_location,
)
from flowmachine.features.utilities.subscriber_locations import SubscriberLocations

DAYS = [f"2016-01-0{day}" for day in range(1, 8)]
STORE_SECONDS = 300


def queries() -> dict[str, Any]:
    """Return the queries by name; those that others are made of come first."""
    admin3 = make_spatial_unit("admin", level=3)
    daily = {f"daily {day}": daily_location(day, spatial_unit=admin3, method="last") for day in DAYS}
    first, last = daily[f"daily {DAYS[0]}"], daily[f"daily {DAYS[-1]}"]
    modal = ModalLocation(*daily.values())
    return {
        **daily,
        "most common": daily_location(DAYS[0], spatial_unit=admin3, method="most-common"),
        "modal": modal,
        "modal aggregate": modal.aggregate(),
        "flows": Flows(first, last),
        "events by hour": TotalLocationEvents(DAYS[0], "2016-01-08", spatial_unit=admin3, interval="hour"),
        "events by day": TotalLocationEvents(
            DAYS[0], "2016-01-08", table="events.calls", spatial_unit=admin3, interval="day", direction="out"
        ),
        "unique subscribers": UniqueSubscriberCounts(
            DAYS[4], DAYS[6], spatial_unit=make_spatial_unit("lon-lat")
        ),
    }


def others() -> dict[str, Any]:
    """Return queries that read what those above do not: handsets, sites, distances, the outline."""
    site = make_spatial_unit("versioned-site")
    return {
        "handset types": SubscriberHandsetCharacteristic(DAYS[0], "2016-01-08", "hnd_type"),
        "radius of gyration": RadiusOfGyration(DAYS[0], "2016-01-08"),
        "areas of sites": LocationArea(point_collection="sites", date=DAYS[1]),
        "clusters of sites": LocationCluster(point_collection="sites", date=DAYS[1]),
        "distances of sites": DistanceMatrix(spatial_unit=site),
        "clusters of visits": HartiganCluster(
            calldays=CallDays(SubscriberLocations(DAYS[0], "2016-01-08", spatial_unit=site)), radius=1000
        ),
    }


def answer(query: Any) -> dict[str, Any]:
    """Store a query with everything it is made of, and return its rows."""
    query.store(store_dependencies=True).result(timeout=STORE_SECONDS)
    frame = query.get_dataframe()
    plain = frame.astype(object).where(frame.notna(), None)
    return {
        "id": query.query_id,
        "stored": query.is_stored,
        "columns": query.column_names,
        "rows": plain.to_numpy().tolist(),
    }


def facts() -> dict[str, Any]:
    """Return what FlowMachine learns about FlowDB besides results."""
    database = get_db()
    calls = Table("events.calls")
    sampled = daily_location(DAYS[1], method="last")
    samples = {
        "random_ids": sampled.random_sample("random_ids", size=20, seed=0.5),
        "bernoulli": sampled.random_sample("bernoulli", fraction=0.5, seed=0.5, estimate_count=True),
        "system_rows": sampled.random_sample("system_rows", size=20),
    }
    return {
        "dates": {kind: [str(day) for day in days] for kind, days in database.available_dates.items()},
        "location table": database.location_table,
        "location tables": sorted(database.location_tables),
        "subscriber tables": sorted(database.subscriber_tables),
        "checks": [dict(row) for row in database.available_qa_checks],
        "outcomes": database.get_qa_checks(
            cdr_type="calls", start_date=DAYS[0], end_date=DAYS[6], check_type="count_msisdns"
        ),
        "partitioned": calls.has_children(),
        "estimated rows": calls.estimated_rowcount(),
        "columns": calls.column_names,
        "grid": Grid(50).get_dataframe().shape[0],
        "rows of others": {name: len(query.get_dataframe()) for name, query in others().items()},
        "samples": {name: len(sample.get_dataframe()) for name, sample in samples.items()},
    }


def cache_settings() -> dict[str, Any]:
    """Return how FlowDB keeps results, and set it to what it is."""
    database = get_db()
    half_life, size = cache.get_cache_half_life(database), cache.get_max_size_of_cache(database)
    cache.set_cache_half_life(database, half_life)
    cache.set_max_size_of_cache(database, size)
    return {
        "half life": half_life,
        "size": size,
        "protected period": cache.get_cache_protected_period(database),
        "used": cache.get_size_of_cache(database),
    }


def touched(query_id: str) -> dict[str, Any]:
    """Touch the record of a result, and return its scores."""
    database = get_db()
    return {
        "score": cache.touch_cache(database, query_id),
        "read score": cache.get_score(database, query_id),
        "seconds": cache.get_compute_time(database, query_id),
        "class": type(cache.get_query_object_by_id(database, query_id)).__name__,
    }


def forgotten(query: Any) -> dict[str, Any]:
    """Remove one result, then the one that is worth least, then all of them."""
    database = get_db()
    query.invalidate_db_cache()
    shrunk = next(cache.shrink_one(database, protected_period=-1))
    kept = cache.get_size_of_cache(database)
    cache.reset_cache(database, get_redis())
    query.store(store_dependencies=True).result(timeout=STORE_SECONDS)
    return {"octets freed": shrunk[1], "kept": kept, "stored again": query.is_stored, "id": query.query_id}


def main() -> None:
    """Do what standard input asks for: ``ask`` or ``forget``."""
    task = sys.stdin.read().strip()
    printed, complained = io.StringIO(), io.StringIO()
    with (
        warnings.catch_warnings(record=True) as warned,
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(complained),
    ):
        warnings.simplefilter("always")
        flowmachine.connect()
    found: dict[str, Any] = {
        "version": flowmachine.__version__,
        "printed": printed.getvalue(),
        "complained": complained.getvalue(),
        "warned": [str(warning.message) for warning in warned],
    }
    if task == "ask":
        made = queries()
        found["results"] = {name: answer(query) for name, query in made.items()}
        found["facts"] = facts()
        found["cache"] = cache_settings()
        found["touched"] = touched(made["modal"].query_id)
    else:
        found["forgotten"] = forgotten(queries()["modal aggregate"])
    sys.stdout.write(f"\n{json.dumps(found, default=str)}\n")


if __name__ == "__main__":
    main()
