"""How far a long copy is: one line that renews itself on a terminal, a line now and then in a log."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

Report = Callable[[int, int], None]
"""Is told how many bytes are done, of how many."""

_SECONDS_BETWEEN_LINES = 10.0
_UNITS = ("B", "kB", "MB", "GB", "TB")


def readable(count: float) -> str:
    """Render a number of bytes for people.

    Examples
    --------
    >>> readable(0), readable(1536), readable(5 * 1024**3)
    ('0 B', '1.5 kB', '5.0 GB')
    """
    for unit in _UNITS:
        if count < 1024 or unit == _UNITS[-1]:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError("unreachable")


def readable_seconds(seconds: float) -> str:
    """Render a duration for people.

    Examples
    --------
    >>> readable_seconds(12.3), readable_seconds(150), readable_seconds(7300)
    ('12 s', '2 min 30 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class Progress:
    """Reports to a stream; to be called with the bytes that are done and those there are."""

    def __init__(
        self, what: str, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._what = what
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._began = self._last = clock()
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        """Say how far it is, if there is something new to say."""
        now = self._clock()
        on_terminal = self._stream.isatty()
        finished = done >= total
        if not finished and now - self._last < (0.2 if on_terminal else _SECONDS_BETWEEN_LINES):
            return
        self._last = now
        line = f"{self._what}: {self._share(done, total)} %, {readable(done)} of {readable(total)}"
        if 0 < done < total:
            line += f", about {readable_seconds((now - self._began) / done * (total - done))} left"
        elif finished:
            line += f" in {readable_seconds(now - self._began)}"
        if on_terminal:
            ending = "\n" if finished else ""
            self._stream.write(f"\r{line.ljust(self._width)}{ending}")
            self._width = 0 if finished else len(line)
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    @staticmethod
    def _share(done: int, total: int) -> int:
        # Only what is complete is 100 %.
        return 100 if done >= total else int(100 * done / total)
