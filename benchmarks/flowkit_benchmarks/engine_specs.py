"""What FlowMachine is asked to do, made so that no two rounds ask the same."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations, islice, product

from flowkit_benchmarks.engine_services import Spec

FIRST = date(2016, 1, 1)
DAYS = 28
NESTED = 5000


def days() -> list[str]:
    """Return the days that have data."""
    return [f"{FIRST + timedelta(days=number)}" for number in range(DAYS)]


def _hours() -> Iterator[Spec]:
    for start, end in combinations(range(25), 2):
        yield {"start_hour": start, "end_hour": end}


def _daily(day: str, **more: object) -> Spec:
    return {
        "query_kind": "daily_location",
        "date": day,
        "aggregation_unit": "admin3",
        "method": "last",
        **more,
    }


def _aggregate(locations: Spec) -> Spec:
    return {"query_kind": "spatial_aggregate", "locations": locations}


def modal_aggregate() -> Spec:
    """Return the aggregate of the modal location of 28 days."""
    locations = [_daily(day) for day in days()]
    return _aggregate({"query_kind": "modal_location", "locations": locations})


def nested(number: int, size: int = NESTED) -> Spec:
    """Return the aggregate of a modal location of many different days and hours; each number is another."""
    every = product([["calls"], ["sms"], ["calls", "sms"]], ["last", "most-common"], _hours(), days())
    chosen = islice(every, number * size, (number + 1) * size)
    locations = [
        _daily(day, event_types=types, method=method, hours=hours) for types, method, hours, day in chosen
    ]
    if len(locations) < size:
        raise ValueError(f"There are not {(number + 1) * size} different daily locations.")
    return _aggregate({"query_kind": "modal_location", "locations": locations})


def small() -> Iterator[Spec]:
    """Yield small queries of one hour of one day, all different."""
    for day, start, unit in product(days(), range(24), ["admin3", "admin2"]):
        yield {
            "query_kind": "unique_subscriber_counts",
            "start_date": day,
            "end_date": f"{date.fromisoformat(day) + timedelta(days=1)}",
            "aggregation_unit": unit,
            "event_types": ["calls"],
            "hours": {"start_hour": start, "end_hour": start + 1},
        }
