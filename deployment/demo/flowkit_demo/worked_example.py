"""The questions an analyst asks first, put to FlowAPI."""

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

import pandas as pd

import flowclient

UNIT = "admin3"
SATURDAY = 6
LENGTH_OF_A_WEEKEND = 2
Answer = TypeVar("Answer")


class NoDataError(Exception):
    """The server has too few days of data for the example."""


@dataclass(frozen=True)
class Answers:
    """What FlowKit answered.

    Attributes
    ----------
    dates
        Days with data, by event type.
    first, other
        The two days that the example looks at: a working day and one of a weekend, if there are both.
    geography
        The regions, as GeoJSON; properties ``pcod`` and ``centroid``.
    residents
        Subscribers by daily location on the first day: ``pcod``, ``value``.
    flows
        Subscribers by daily location on the first and the other day: ``pcod_from``, ``pcod_to``, ``value``.
    visitors
        Different subscribers seen in each region on the first day: ``pcod``, ``value``.
    events
        Events by region and hour of the first day: ``pcod``, ``date``, ``hour``, ``value``.
    seconds
        How long each question took.
    """

    dates: dict[str, list[str]]
    first: date
    other: date
    geography: dict[str, Any]
    residents: pd.DataFrame
    flows: pd.DataFrame
    visitors: pd.DataFrame
    events: pd.DataFrame
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass
class _Interview:
    """One conversation with FlowAPI, timed and reported question by question."""

    say: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)

    def ask(self, question: str, get: Callable[[], Answer]) -> Answer:
        self.say(f"{question} ...")
        started = time.monotonic()
        answer = get()
        self.seconds[question] = time.monotonic() - started
        return answer


def connect(url: str, token: str) -> flowclient.Connection:
    """Connect to FlowAPI; for an address of this machine, plain HTTP is no reason to warn."""
    with warnings.catch_warnings():
        if url.startswith(("http://127.0.0.1", "http://localhost")):
            warnings.filterwarnings("ignore", message="Communications with this server are NOT SECURE")
        return flowclient.connect(url=url, token=token)


def days_of(dates: dict[str, list[str]]) -> list[date]:
    """Return the days that have data of any type, in order.

    Raises
    ------
    NoDataError
        If there are fewer than two: flows need two.
    """
    days = sorted({date.fromisoformat(day[:10]) for of_type in dates.values() for day in of_type})
    if len(days) < 2:
        raise NoDataError(f"The example needs two days of data; the server has {len(days)}.")
    return days


def contrasting_day(days: list[date]) -> date:
    """Return the last day of the first stretch on which people rest, if they worked on the first; or work."""
    resting = [day.isoweekday() >= SATURDAY for day in days]
    later = [day for day, rests in zip(days, resting, strict=True) if rests != resting[0]]
    if not later:
        return days[-1]
    stretch = [day for day in later if (day - later[0]).days < LENGTH_OF_A_WEEKEND]
    return stretch[-1]


def run(connection: flowclient.Connection, say: Callable[[str], None]) -> Answers:
    """Ask everything.

    Parameters
    ----------
    connection
        A connection whose token allows these queries at admin3.
    say
        Told each question before it is asked.

    Raises
    ------
    NoDataError
        If the server has fewer than two days of data.
    """
    interview = _Interview(say)
    dates = interview.ask(
        "Which days have data?", lambda: flowclient.get_available_dates(connection=connection)
    )
    days = days_of(dates)
    first, other = days[0], contrasting_day(days)
    geography = interview.ask(
        "Which regions are there?",
        lambda: flowclient.get_geography(connection=connection, aggregation_unit=UNIT),
    )

    def where(day: date) -> dict[str, Any]:
        return flowclient.daily_location_spec(date=str(day), aggregation_unit=UNIT, method="last")

    that_day = {
        "start_date": str(first),
        "end_date": str(first + timedelta(days=1)),
        "aggregation_unit": UNIT,
    }
    residents = interview.ask(
        f"Where did people end {first:%A, %-d %B %Y}?",
        flowclient.spatial_aggregate(connection=connection, locations=where(first)).get_result,
    )
    flows = interview.ask(
        f"Who had moved by {other:%A, %-d %B %Y}?",
        flowclient.flows(
            connection=connection, from_location=where(first), to_location=where(other)
        ).get_result,
    )
    visitors = interview.ask(
        "How many different people were seen in each region?",
        flowclient.unique_subscriber_counts(connection=connection, **that_day).get_result,
    )
    events = interview.ask(
        "How many calls and messages were there, hour by hour?",
        flowclient.location_event_counts(connection=connection, count_interval="hour", **that_day).get_result,
    )
    return Answers(
        dates=dates,
        first=first,
        other=other,
        geography=geography,
        residents=_typed(residents, ["pcod"]),
        flows=_typed(flows, ["pcod_from", "pcod_to"]),
        visitors=_typed(visitors, ["pcod"]),
        events=_typed(events, ["pcod", "date", "hour"]),
        seconds=interview.seconds,
    )


def _typed(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return the columns in a fixed order, also of an answer without rows, largest values first."""
    known = frame.reindex(columns=[*keys, "value"])
    known["value"] = pd.to_numeric(known["value"])
    return known.sort_values(["value", *keys], ascending=[False, *([True] * len(keys))], ignore_index=True)
