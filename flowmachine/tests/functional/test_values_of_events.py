"""Sets of subscribers and values by group, as a user reads them."""

from collections import defaultdict
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from flowmachine.core.errors import UnstorableQueryError
from flowmachine.core.execute import Engine
from flowmachine.features import EventTableSubset, GroupValues, UniqueSubscribers
from tests.country import insert_events, random_events

EVENTS = random_events(seed=6, number=400, subscribers=40)
WINDOW = ("2016-01-01", "2016-01-03")


@pytest.fixture(autouse=True, scope="module")
def events(superuser: sa.Engine) -> Iterator[None]:
    with superuser.begin() as connection:
        insert_events(connection, EVENTS)
    yield
    with superuser.begin() as connection:
        for kind in ("calls", "sms"):
            connection.execute(sa.delete(sa.table(kind, schema="events")))


def test_subscribers_as_a_set(engine: Engine) -> None:
    assert UniqueSubscribers(*WINDOW).as_set() == {who for who, when, *_ in EVENTS if when.day < 3}


def test_a_query_as_a_subset(engine: Engine) -> None:
    few = UniqueSubscribers("2016-01-01", "2016-01-01 06:00:00", table="events.sms")
    expected = {who for who, when, *_, table in EVENTS if table == "sms" and when.day == 1 and when.hour < 6}
    assert set(EventTableSubset(start="2016-01-02", subscriber_subset=few, columns=["msisdn"])) == {
        (who,) for who, when, *_, table in EVENTS if table == "calls" and when.day > 1 and who in expected
    }


def test_a_function_of_the_values_of_each_group(engine: Engine) -> None:
    calls = defaultdict(list)
    for who, when, *_, table in EVENTS:
        if table == "calls" and when.day < 3:
            calls[(who,)].append(when)
    spans = GroupValues("subscriber", "datetime", *WINDOW).ColumnMap(lambda times: times[-1] - times[0])
    assert dict(spans) == {group: max(times) - min(times) for group, times in calls.items()}


def test_events_as_they_are_are_not_stored(engine: Engine) -> None:
    with pytest.raises(UnstorableQueryError):
        EventTableSubset(start="2016-01-01").store()
