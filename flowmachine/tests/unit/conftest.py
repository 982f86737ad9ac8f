"""Facts of a FlowDB with a week of calls and sms, without a database."""

import datetime as dt

import pytest

from flowmachine.core.facts import Facts


@pytest.fixture
def facts() -> Facts:
    week = frozenset(dt.date(2016, 1, day) for day in range(1, 8))
    return Facts(available_dates={"calls": week, "sms": week})
