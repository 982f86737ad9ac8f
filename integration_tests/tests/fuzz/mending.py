"""Specs that the document allows, mended so that a good share of them means something.

The document cannot say which days have data, or that the units of two places agree.
"""

import copy
import random
from typing import Any

from hypothesis import strategies as st
from specs import EXAMPLES, Spec, meaningful

DAYS = ["2016-01-01", "2016-01-02", "2016-01-03", "2016-01-04"]
UNITS = ["admin1", "admin2", "admin3", "lon-lat"]
NEEDS_TABLES_OF_OTHERS = ("mapping_table", "geom_table", "geom_table_join_column", "subscriber_subset")
WINDOWS = [("start_date", "end_date"), ("start_date_a", "end_date_a"), ("start_date_b", "end_date_b")]


def _mend_object(spec: Spec, unit: str, chance: random.Random) -> None:
    for name in NEEDS_TABLES_OF_OTHERS:
        spec.pop(name, None)
    if "aggregation_unit" in spec:
        spec["aggregation_unit"] = unit
    for start, end in WINDOWS:
        if start in spec and end in spec:
            first = chance.randrange(len(DAYS) - 1)
            spec[start], spec[end] = DAYS[first], DAYS[chance.randrange(first + 1, len(DAYS))]
    if "date" in spec:
        spec["date"] = chance.choice(DAYS)
    if spec.get("event_types"):
        spec["event_types"] = chance.sample(["calls", "sms"], chance.randint(1, 2))
    if isinstance(spec.get("hours"), dict):
        spec["hours"] = {"start_hour": chance.randint(0, 11), "end_hour": chance.randint(12, 24)}
    if isinstance(spec.get("sampling"), dict):
        method = spec["sampling"].get("sampling_method", "random_ids")
        spec["sampling"] = {"sampling_method": method, "fraction": 0.5, "seed": 0.5}
    if "total_periods" in spec:
        spec["start_date"] = DAYS[0]
        spec |= {"total_periods": chance.randint(1, len(DAYS)), "period_length": 1, "period_unit": "days"}
    if "bins" in spec:
        spec["bins"] = {"n_bins": chance.randint(1, 20)}
    if "dummy_delay" in spec:
        spec["dummy_delay"] = 0
    if "tower_hour_of_day_scores" in spec:
        known = meaningful("")
        kept = ("labels", "tower_hour_of_day_scores", "tower_day_of_week_scores")
        spec |= {name: known[name] for name in kept}
        for name in ("label", "label_a", "label_b"):
            if name in spec:
                spec[name] = chance.choice(["evening", "unknown"])


def mended(spec: Any, seed: int) -> Any:
    """Return a spec with one unit, days that have data, and no parts that contradict each other."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    unit = chance.choice(UNITS)
    pending = [spec]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            _mend_object(value, unit, chance)
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return spec


def _soon(spec: Any) -> Any:
    """Let no dummy wait for long: others are asked in the meantime only by other clients."""
    if isinstance(spec, dict) and isinstance(spec.get("dummy_delay"), int):
        spec["dummy_delay"] %= 3
    return spec


def specs_of(kind: str, generated: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw a spec: as the document has it, or mended, or one of the examples of its kind."""
    examples = [spec for spec in EXAMPLES.values() if spec["query_kind"] == kind]

    def chosen(drawn: tuple[Any, int, int]) -> Any:
        spec, seed, way = drawn
        if way == 0 and examples:
            return copy.deepcopy(examples[seed % len(examples)])
        if way == 1:
            return _soon(spec)
        return mended(spec, seed)

    return st.tuples(generated, st.integers(0, 2**32), st.integers(0, 5)).map(chosen)
