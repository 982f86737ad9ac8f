"""Templates of specifications are filled in wholly."""

import json
from datetime import date

from flowkit_benchmarks.specs import days_from, expand, timed_specs


def test_days_are_a_week_and_its_end() -> None:
    days = days_from(date(2016, 2, 27))
    assert days["d1"] == "2016-02-27"
    assert days["d8"] == "2016-03-05"


def test_a_daily_location_is_put_in() -> None:
    filled = expand({"locations": "{daily:d2}", "n": 3}, days_from(date(2016, 1, 1)))
    assert filled["locations"]["date"] == "2016-01-02"
    assert filled["n"] == 3


def test_nothing_is_left_to_fill_in() -> None:
    specs = timed_specs(date(2016, 1, 1))
    assert specs
    assert "{d" not in json.dumps(specs)
    assert all("query_kind" in spec for spec in specs.values())
