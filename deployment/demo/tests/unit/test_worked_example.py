"""The parts of the worked example that need no server."""

import warnings
from datetime import date, timedelta

import jwt
import pandas as pd
import pytest

from flowkit_demo import worked_example


def test_days_are_those_of_any_type_in_order() -> None:
    dates = {"sms": ["2016-01-03", "2016-01-01"], "calls": ["2016-01-02"], "mds": []}
    assert worked_example.days_of(dates) == [date(2016, 1, 1), date(2016, 1, 2), date(2016, 1, 3)]


@pytest.mark.parametrize("dates", [{}, {"calls": ["2016-01-01"]}])
def test_too_few_days_are_refused_in_words(dates: dict[str, list[str]]) -> None:
    with pytest.raises(worked_example.NoDataError, match="needs two days"):
        worked_example.days_of(dates)


@pytest.mark.parametrize(
    ("first", "count", "other"),
    [
        ("2016-01-01", 7, "2016-01-03"),  # Friday: the Sunday
        ("2016-01-02", 7, "2016-01-05"),  # Saturday: the second working day
        ("2016-01-04", 3, "2016-01-06"),  # no weekend: the last day
    ],
)
def test_a_day_of_the_other_kind_is_compared(first: str, count: int, other: str) -> None:
    days = [date.fromisoformat(first) + timedelta(days=number) for number in range(count)]
    assert worked_example.contrasting_day(days) == date.fromisoformat(other)


def test_an_answer_without_rows_still_has_its_columns() -> None:
    frame = worked_example._typed(pd.DataFrame(), ["pcod_from", "pcod_to"])
    assert list(frame.columns) == ["pcod_from", "pcod_to", "value"]


def test_plain_http_warns_for_other_machines_only() -> None:
    token = jwt.encode({"sub": "demo"}, "a key of thirty-two bytes or more", algorithm="HS256")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        worked_example.connect("http://127.0.0.1:9090", token).close()
        with pytest.raises(UserWarning, match="NOT SECURE"):
            worked_example.connect("http://flowkit.example", token)
