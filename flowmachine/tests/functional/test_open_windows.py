"""Windows whose ends are left open."""

import pytest

from flowmachine.core.errors import MissingDateError
from flowmachine.core.execute import Engine
from flowmachine.features import TotalNetworkObjects
from tests.country import DAYS


def test_an_open_window_is_that_of_the_days_loaded(engine: Engine) -> None:
    days = TotalNetworkObjects(table="calls")
    assert (days.start, days.stop) == (f"{DAYS[0]} 00:00:00", "2016-01-05 00:00:00")
    assert days.table == ("events.calls",)
    assert TotalNetworkObjects("2016-01-02").stop == days.stop
    assert TotalNetworkObjects(None, "2016-01-02").start == days.start


def test_nothing_loaded_leaves_nothing_open(engine: Engine) -> None:
    with pytest.raises(MissingDateError):
        TotalNetworkObjects(table="events.topups")
