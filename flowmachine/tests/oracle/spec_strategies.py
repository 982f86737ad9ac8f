"""Events and specs that go together: crowds around the threshold, and what may be asked of them."""

from typing import Any

from hypothesis import strategies as st

from tests.oracle.cdr import Cdr
from tests.oracle.strategies import INSTANTS

Spec = dict[str, Any]
SUBSET_ID = "5" * 32
SUBSET = frozenset(f"p{number}" for number in range(100) if number % 7)
"""What is stored under that id: most subscribers."""

WIDTH = {"admin0": 1, "admin2": 1, "admin3": 1, "lon-lat": 2}


_step = st.tuples(
    st.sampled_from(["calls", "sms"]),
    st.sampled_from(INSTANTS[::4]),
    st.sampled_from(["c0", "c0", "c1", "moved", "outside"]),
    st.booleans(),
    st.integers(0, 3).map(str),
)


@st.composite
def _block(draw: st.DrawFn) -> list[Cdr]:
    """Draw the same events, one or as of a journey, of several subscribers with successive numbers."""
    first, number = (
        draw(st.sampled_from([0, 20, 40, 43])),
        draw(st.sampled_from([1, 14, 15, 16, 16, 17, 17, 18, 60])),
    )
    steps = draw(st.lists(_step, min_size=1, max_size=4))
    return [
        Cdr(table, f"p{who}", instant, cell, outgoing, id=id_)
        for who in range(first, first + number)
        for table, instant, cell, outgoing, id_ in steps
    ]


crowd = st.lists(_block(), min_size=3, max_size=10).map(
    lambda blocks: [cdr for block in blocks for cdr in block]
)
"""Events such that there are groups of all sizes around the threshold."""

_days = st.integers(1, 3)
UNIT = st.sampled_from(sorted(WIDTH))
_hours = (
    st.none()
    | st.none()
    | st.fixed_dictionaries(
        {"start_hour": st.sampled_from([0, 6, 22]), "end_hour": st.sampled_from([0, 5, 14, 24])}
    )
)
EVENT_FIELDS = {
    "event_types": st.none() | st.lists(st.sampled_from(["calls", "sms"]), min_size=1),
    "subscriber_subset": st.none() | st.just(SUBSET_ID),
    "hours": _hours,
}
SAMPLING = st.none() | st.one_of(
    *(
        st.fixed_dictionaries(
            {"sampling_method": st.sampled_from(["random_ids", "bernoulli"]), "seed": st.just(0.5), **measure}
        )
        for measure in (
            {"size": st.integers(10, 60)},
            {"fraction": st.sampled_from([0.5, 0.75])},
        )
    )
)
DIRECTION = {"direction": st.sampled_from(["in", "out", "both"])}


def _day(number: int) -> str:
    return f"2016-01-0{number}"


_window = st.tuples(_days, _days).map(
    lambda days: {"start_date": _day(min(days)), "end_date": _day(max(days) + 1)}
)


def specs(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    """Draw specs of a kind with fields."""
    return st.fixed_dictionaries({"query_kind": st.just(kind), **fields})


def windowed(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    """Draw specs of a kind over events in a window."""
    drawn = specs(kind, **EVENT_FIELDS, **fields)
    return st.tuples(drawn, _window).map(lambda parts: parts[0] | parts[1])


def sampling_in(unit: str) -> st.SearchStrategy[Spec | None]:
    """Draw samples of rows with places; how PostgreSQL writes the numbers of a row is not repeated here."""
    return SAMPLING if unit != "lon-lat" else st.none()


def unique_locations(unit: str) -> st.SearchStrategy[Spec]:
    """Draw specs of wherever subscribers were."""
    return windowed("unique_locations", aggregation_unit=st.just(unit), sampling=sampling_in(unit))


def locations(unit: str, *, sampled: bool = True) -> st.SearchStrategy[Spec]:
    """Draw specs of where subscribers were."""
    sampling = sampling_in(unit) if sampled else st.none()
    return specs(
        "daily_location",
        date=_days.map(_day),
        aggregation_unit=st.just(unit),
        method=st.sampled_from(["last", "most-common"]),
        sampling=sampling,
        **EVENT_FIELDS,
    )


COUNTS = windowed("event_count", **DIRECTION, sampling=SAMPLING)
"""Specs of a metric."""
