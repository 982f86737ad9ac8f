import io
import sys

import httpx
import pytest

from flowclient._polling import MAX_FAILURES, Patience, Progress
from flowclient.errors import FlowclientTimeoutError, FlowclientUnavailableError

from .conftest import running


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_intervals_begin_as_given_and_grow_to_five_times_that() -> None:
    patience = Patience(1)
    intervals = [patience.interval("Q") for _ in range(20)]
    assert intervals[0] == 1
    assert intervals == sorted(intervals)
    assert intervals[-1] == 5


def test_time_limit_shortens_the_last_interval() -> None:
    clock = Clock()
    patience = Patience(10, timeout=25, clock=clock)
    assert patience.interval("Q") == 10
    clock.now += 20
    assert patience.interval("Q") == 5
    clock.now += 5
    with pytest.raises(FlowclientTimeoutError, match="Q was not ready within 25 seconds"):
        patience.interval("Q")
    assert issubclass(FlowclientTimeoutError, TimeoutError)


def test_only_failures_in_a_row_count() -> None:
    patience = Patience(1)
    error = FlowclientUnavailableError("gone")
    for _ in range(3):
        for _ in range(MAX_FAILURES - 1):
            patience.failed(error)
        patience.answered()
    for _ in range(MAX_FAILURES - 1):
        patience.failed(error)
    with pytest.raises(FlowclientUnavailableError):
        patience.failed(error)


def shown(progress: Progress) -> tuple[int, int]:
    bar = progress._bar
    assert bar is not None
    return int(bar.n), int(bar.total)


def test_progress_only_moves_forward(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    progress = Progress(disable=False)
    seen = []
    for eligible in (4, 3, 3, 1, 5, 2, 6, 0):
        progress.show(running(eligible))
        seen.append(shown(progress))
    progress.complete()
    progress.close()
    assert seen == [(0, 4), (1, 4), (1, 4), (3, 4), (3, 8), (6, 8), (6, 12), (12, 12)]
    assert "Parts run" in sys.stderr.getvalue()


def test_progress_of_a_query_that_was_ready_at_once_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(disable=False)
    progress.complete()
    progress.close()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("answer", [httpx.Response(202), httpx.Response(202, json={"progress": 3})])
def test_answer_without_progress_is_no_error(answer: httpx.Response) -> None:
    progress = Progress(disable=True)
    progress.show(answer)
    progress.show(answer)
    progress.complete()
    progress.close()
