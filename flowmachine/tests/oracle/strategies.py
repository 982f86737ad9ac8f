"""Events and parameters that go for the corners: ties, nulls, cells that move or lie nowhere, empty days."""

import datetime as dt

from hypothesis import strategies as st

from tests.country import CELLS, DAYS, Event
from tests.oracle.definitions import Window

# Few instants, so that ties are common; the edges of days and hours among them.
INSTANTS = [
    dt.datetime.combine(day, time, dt.UTC)
    for day in DAYS[:3]
    for time in (
        dt.time(0),
        dt.time(5, 59, 59),
        dt.time(6),
        dt.time(6, 0, 30),
        dt.time(13, 7),
        dt.time(23, 59, 59),
    )
]
SUBSCRIBERS = [f"s{n}" for n in range(5)]
UNITS = ["admin0", "admin2", "admin3", "lon-lat", "cell"]

cells = st.sampled_from([*dict.fromkeys(cell[0] for cell in CELLS), "unheard of", "", None])
events: st.SearchStrategy[list[Event]] = st.lists(
    st.tuples(
        st.sampled_from(SUBSCRIBERS),
        st.sampled_from(INSTANTS),
        cells,
        st.booleans(),
        st.sampled_from(["calls", "sms"]),
    ),
    max_size=25,
)
crowds: st.SearchStrategy[list[Event]] = st.lists(
    st.tuples(
        st.integers(0, 40).map("p{}".format),
        st.sampled_from(INSTANTS[::5]),
        st.sampled_from(["c0", "c1", "moved", "outside"]),
        st.booleans(),
        st.sampled_from(["calls", "sms"]),
    ),
    min_size=60,
    max_size=160,
)
"""Enough subscribers in few places that group sizes fall on both sides of the threshold."""

units = st.sampled_from(UNITS)
hours = st.none() | st.tuples(st.sampled_from([0, 5, 6, 14, 23, 24]), st.sampled_from([0, 5, 6, 14, 23, 24]))
subsets = st.none() | st.frozensets(
    st.sampled_from([*SUBSCRIBERS, "nobody", "it's; --", "p1", "p2"]), max_size=30
)
tables = st.sampled_from([frozenset({"calls"}), frozenset({"sms"}), frozenset({"calls", "sms"})])


@st.composite
def windows(draw: st.DrawFn, *, whole_day: bool = False, directed: bool = False) -> Window:
    """Draw a window of time: a day, some days, or an odd stretch."""
    first = draw(st.sampled_from(DAYS))
    start = dt.datetime.combine(first, dt.time(), dt.UTC)
    if whole_day:
        length = dt.timedelta(days=1)
    else:
        start += draw(st.sampled_from([dt.timedelta(), dt.timedelta(hours=6)]))
        length = draw(
            st.sampled_from([dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(days=2, hours=6)])
        )
    return Window(
        start,
        start + length,
        draw(tables),
        draw(hours),
        draw(st.sampled_from(["in", "out", "both"])) if directed else "both",
        draw(subsets),
    )
