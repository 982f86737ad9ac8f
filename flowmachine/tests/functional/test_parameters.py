"""Statistics, hours, ranges of days, subsets of subscribers and helpers of users."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from flowmachine import utils
from flowmachine.core import CustomQuery, sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.date_range import DateRange
from flowmachine.core.facts import Facts
from flowmachine.core.hour_slice import (
    WEEKDAYS,
    HourAndMinutesTimestamp,
    HourInterval,
    HourSlice,
    MissingHourAndMinutesTimestamp,
)
from flowmachine.core.statistic_types import Statistic, StringAggregate
from flowmachine.core.subscriber_subsetter import make_subscriber_subsetter
from flowmachine.features import UniqueSubscriberCounts, daily_location


@pytest.mark.parametrize(
    ("statistic", "text"),
    [
        (Statistic.COUNT, "count(c.duration)"),
        (Statistic("stddev"), "stddev(c.duration)"),
        (Statistic.MEDIAN, "percentile_cont(0.5) WITHIN GROUP (ORDER BY c.duration)"),
        (Statistic.MODE, "pg_catalog.mode() WITHIN GROUP (ORDER BY c.duration)"),
        (StringAggregate.ARRAY, "array_agg(c.duration ORDER BY c.duration)"),
        (StringAggregate("array desc"), "array_agg(c.duration ORDER BY c.duration DESC)"),
    ],
)
def test_a_statistic_of_a_column(statistic: Statistic, text: str) -> None:
    assert f"{statistic:c.duration}" == text
    assert f"{statistic}" == statistic.value


def test_a_column_of_a_statistic_is_quoted() -> None:
    assert f"{Statistic.SUM:a) FROM b; --}" == 'sum("a) FROM b; --")'
    with pytest.raises(ValueError, match="not a valid Statistic"):
        Statistic("drop")


times = st.times().map(lambda time: time.strftime("%H:%M"))


@pytest.fixture(scope="module")
def holds(superuser: sa.Engine):
    def evaluate(condition: sa.ColumnElement[bool]) -> bool:
        with superuser.connect() as connection:
            connection.execute(sa.text("SET TIME ZONE 'Asia/Kathmandu'"))
            return bool(connection.execute(sa.select(condition)).scalar())

    return evaluate


@given(
    st.floats(0, 31).map(lambda days: dt.datetime(2016, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days)),
    st.lists(
        st.tuples(st.none() | times, st.none() | times, st.none() | st.sampled_from(WEEKDAYS)), max_size=3
    ),
)
def test_hours_keep_the_moments_in_them(holds, moment: dt.datetime, given: list[tuple]) -> None:
    intervals = [
        HourInterval(
            start_hour=start, stop_hour=stop, freq="week" if day else "day", weekday=day and day.lower()
        )
        for start, stop, day in given
    ]
    clock = moment.strftime("%H:%M:%S.%f")
    inside = not given or any(
        (start is None or clock >= start)
        and (stop is None or clock < stop)
        and (day is None or WEEKDAYS[moment.weekday()] == day)
        for start, stop, day in given
    )
    condition = HourSlice(hour_intervals=intervals).condition(sa.literal(moment, sa.TIMESTAMP(timezone=True)))
    assert holds(condition) == inside


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: HourAndMinutesTimestamp("24:00"), "Hour string must have the format 'HH:MM'"),
        (lambda: HourAndMinutesTimestamp("7:00"), "Hour string must have the format 'HH:MM'"),
        (lambda: HourAndMinutesTimestamp(7), r"Input argument must be a string the format 'HH:MM'\."),
        (lambda: interval(freq="month"), r"Argument `freq` must be one of: 'day', 'week'\."),
        (lambda: interval(freq="week"), r"If freq='week' then the `weekday` argument must be provided\."),
        (
            lambda: interval(weekday="Monday"),
            "If freq='day' then the `weekday` argument must not be provided",
        ),
        (lambda: interval(freq="week", weekday="Funday"), r"Invalid value for `weekday`\."),
        (lambda: HourSlice(hour_intervals=["08:00"]), "list of HourInterval"),
        (lambda: DateRange("2016-01-02", "2016-01-01"), "before its start"),
        (lambda: make_subscriber_subsetter(7), "A subscriber subset is"),
        (lambda: make_subscriber_subsetter(CustomQuery("SELECT 1 AS a", "a")), "named 'subscriber'"),
        (lambda: utils.list_of_dates("2016-01-02", "2016-01-01"), "before the first"),
        (lambda: utils.parse_datestring("soon"), "could not be parsed"),
    ],
)
def test_bad_values_are_refused(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def interval(**changes: object) -> HourInterval:
    return HourInterval(**{"start_hour": "08:00", "stop_hour": "17:00", "freq": "day", **changes})


def test_intervals_have_no_order_and_a_stable_form() -> None:
    morning, evening = interval(stop_hour="12:00"), interval(start_hour="18:00", stop_hour=None)
    assert HourSlice(hour_intervals=[morning, evening]) == HourSlice(
        hour_intervals=[evening, morning, evening]
    )
    assert "stop_hour=None" in repr(evening)
    assert interval(stop_hour=MissingHourAndMinutesTimestamp()) == interval(stop_hour=None)
    assert HourAndMinutesTimestamp("07:05").time == dt.time(7, 5)


def test_a_range_of_days() -> None:
    days = DateRange("2016-01-31", dt.date(2016, 2, 28))
    assert (days.start_date_as_str, days.end_date_as_str) == ("2016-01-31", "2016-02-28")
    assert days.one_day_past_end_date == dt.date(2016, 2, 29)
    assert days.one_day_past_end_date_as_str == "2016-02-29"


def test_subsetters() -> None:
    for everybody in (None, "all"):
        assert not make_subscriber_subsetter(everybody).is_proper_subset
    forms = ["a", ["b", "a"], np.array(["a", "b"]), pd.Series(["b", "a"]), ("a", "b", "a")]
    subsetters = [make_subscriber_subsetter(form) for form in forms]
    assert all(subsetter.is_proper_subset for subsetter in subsetters)
    assert subsetters[1] == subsetters[2] == subsetters[3] == subsetters[4] != subsetters[0]
    assert make_subscriber_subsetter(subsetters[1]) == subsetters[1]
    day = daily_location("2016-01-01")
    of_day = make_subscriber_subsetter(day)
    assert of_day.subset is day
    by_subsetter = UniqueSubscriberCounts("2016-01-01", "2016-01-02", subscriber_subset=of_day)
    assert by_subsetter == UniqueSubscriberCounts("2016-01-01", "2016-01-02", subscriber_subset=day)
    assert day in by_subsetter.dependencies


def test_a_subsetter_restricts_selects() -> None:
    calls = sa.table("calls", sa.column("msisdn", sa.Text), schema="events")
    using = Compilation(Facts())
    restricted = make_subscriber_subsetter(["it's"]).apply_subset_if_needed(sa.select(calls), using)
    assert "WHERE events.calls.msisdn IN ('it''s')" in sql.render(restricted)
    everybody = make_subscriber_subsetter("all").apply_subset_if_needed(sa.select(calls), using)
    assert "WHERE" not in sql.render(everybody)


def test_helpers() -> None:
    assert utils.list_of_dates("2016-01-30", "2016-02-01") == ["2016-01-30", "2016-01-31", "2016-02-01"]
    assert utils.time_period_add("2016-01-01", 36, "hours") == "2016-01-02 12:00:00"
    assert utils.get_name_and_alias("t.c AS a") == ("t.c", "a")
    assert utils.get_name_and_alias("t.c as a") == ("t.c", "a")
    assert utils.get_name_and_alias("t.c") == ("t.c", "c")
    text = utils.get_dist_query_string(lon1="a", lat1="b", lon2="c", lat2="d")
    assert text.startswith("ST_Distance(CAST(ST_SetSRID(ST_MakePoint(a, b), 4326) AS geography)")
