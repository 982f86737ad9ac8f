"""What subscribers did, against the definitions."""

from collections import Counter

from hypothesis import given

from flowmachine.features.subscriber.event_count import EventCount
from tests.oracle.cdr import Cdr, cdrs, held
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Window
from tests.oracle.strategies import windows
from tests.oracle.test_definitions import oracle, parameters
from tests.oracle.test_definitions import pytestmark as pytestmark


@oracle
@given(data=cdrs(), window=windows(directed=True))
def test_event_count(run: Runner, data: list[Cdr], window: Window) -> None:
    given = parameters(window)
    query = EventCount(
        window.start, window.stop, direction=window.direction, tables=given.pop("table"), **given
    )
    assert dict(run(data, query)) == Counter(cdr.msisdn for cdr in held(data, window))
