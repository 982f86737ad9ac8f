"""How long to wait between polls, and how far a query has come."""

import sys
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from tqdm import TqdmWarning

from flowclient._responses import body
from flowclient.errors import FlowclientTimeoutError, FlowclientUnavailableError

with warnings.catch_warnings():
    # Without ipywidgets a notebook has bars made of letters, which is nothing to warn of.
    warnings.simplefilter("ignore", TqdmWarning)
    from tqdm.auto import tqdm

GROWTH = 1.25
LONGEST = 5.0  # intervals
MAX_FAILURES = 5


def time_limit(timeout: float | None) -> dict[str, float]:
    """Return a time limit as an argument to pass on, or nothing if there is none."""
    return {} if timeout is None else {"timeout": timeout}


class Patience:
    """Intervals between polls of one query: the first as given, growing to five times that.

    Parameters
    ----------
    poll_interval
        Seconds before the second poll.
    timeout
        Seconds until waiting is given up; None waits for ever.
    clock
        Source of the time in seconds.
    """

    def __init__(
        self, poll_interval: float, timeout: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._interval = poll_interval
        self._longest = poll_interval * LONGEST
        self._timeout = timeout
        self._clock = clock
        self._start = clock()
        self._failures = 0

    def interval(self, query_id: str) -> float:
        """Return the seconds to sleep now.

        Raises
        ------
        FlowclientTimeoutError
            If the time is up.
        """
        interval = self._interval
        self._interval = min(interval * GROWTH, self._longest)
        if self._timeout is None:
            return interval
        left = self._timeout - (self._clock() - self._start)
        if left <= 0:
            raise FlowclientTimeoutError(f"Query {query_id} was not ready within {self._timeout} seconds.")
        return min(interval, left)

    def answered(self) -> None:
        """Note that a poll was answered."""
        self._failures = 0

    def failed(self, error: FlowclientUnavailableError) -> None:
        """Note that a poll was not answered; raise the error if it was one too many."""
        self._failures += 1
        if self._failures >= MAX_FAILURES:
            raise error


def _in_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and "IPKernelApp" in shell.config


class Progress:
    """A bar that shows how many parts of a query are done, and only ever moves forward.

    Other people's queries can reset a part that this one needs, and a server may discover more
    parts as it goes: then the total grows.

    Parameters
    ----------
    disable
        True hides the bar, False shows it, None shows it in terminals and notebooks only.
    """

    def __init__(self, disable: bool | None) -> None:
        # The bar takes a notebook, whose output is no terminal, for a file.
        self._disable = False if disable is None and _in_notebook() else disable
        self._bar: tqdm[Any] | None = None
        self._total = self._done = 0

    def show(self, response: httpx.Response) -> None:
        """Show the answer to a poll; the bar appears with the first."""
        progress = body(response).get("progress")
        eligible = progress.get("eligible", 0) if isinstance(progress, Mapping) else 0
        if self._bar is None:
            self._total = eligible
            self._bar = tqdm(total=eligible, desc="Parts run", unit="q", disable=self._disable)
            return
        if eligible > self._total - self._done:
            self._total = self._bar.total = self._done + eligible
            self._bar.refresh()
        self._move_to(self._total - eligible)

    def complete(self) -> None:
        """Fill the bar, if there is one."""
        self._move_to(self._total)

    def _move_to(self, done: int) -> None:
        if self._bar is not None:
            self._bar.update(done - self._done)
            self._done = done

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()
