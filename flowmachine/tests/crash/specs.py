"""Queries to submit: of every shape, over days that they share, with the rows that each one has."""

import datetime as dt
import random
from typing import Any

from flowmachine.api.base import ExposedSpec
from flowmachine.api.registry import parse
from flowmachine.core.execute import Engine
from tests.crash.probe import as_texts

DAYS = [dt.date(2016, 1, day) for day in range(1, 8)]
THRESHOLD = 15
Spec = dict[str, Any]


def _daily(source: random.Random, unit: str) -> Spec:
    return {
        "query_kind": "daily_location",
        "date": str(source.choice(DAYS)),
        "method": source.choice(["last", "most-common"]),
        "aggregation_unit": unit,
    }


def _modal(source: random.Random, unit: str) -> Spec:
    days = [_daily(source, unit) for _ in range(source.randint(2, 5))]
    return {"query_kind": "modal_location", "locations": days}


def _window(source: random.Random) -> Spec:
    first, last = sorted(source.sample(DAYS, 2))
    return {"start_date": str(first), "end_date": str(last)}


def random_spec(source: random.Random) -> Spec:
    """Return a spec; the deeper ones are graphs of up to a dozen results."""
    unit = source.choice(["admin1", "admin2", "admin3"])
    location = source.choice([_daily, _modal, _modal])
    match source.choice(["aggregate", "flows", "flows", "unique", "counts"]):
        case "aggregate":
            return {"query_kind": "spatial_aggregate", "locations": location(source, unit)}
        case "flows":
            return {
                "query_kind": "flows",
                "from_location": location(source, unit),
                "to_location": _modal(source, unit),
            }
        case "unique":
            return {
                "query_kind": "unique_subscriber_counts",
                **_window(source),
                "aggregation_unit": unit,
            }
        case _:
            return {
                "query_kind": "location_event_counts",
                **_window(source),
                "interval": source.choice(["day", "hour"]),
                "direction": source.choice(["in", "out", "both"]),
                "event_types": ["calls", "sms"],
                "aggregation_unit": unit,
            }


class Expected:
    """Specs to choose from, and the rows of each, computed from the events before anything is disturbed."""

    def __init__(self, engine: Engine, source: random.Random, number: int) -> None:
        self.specs: list[Spec] = []
        self.rows: dict[str, list[str]] = {}
        for _ in range(number):
            spec = random_spec(source)
            parsed = parse(spec)
            assert isinstance(parsed, ExposedSpec)
            query = parsed.expose(THRESHOLD)
            text = engine.statement(query, from_stored=False).text
            with engine.connection.engine.connect() as connection:
                self.rows[query.query_id] = as_texts(connection.exec_driver_sql(text).all())
            self.specs.append(spec)
