"""What a long copy says about itself."""

import io

from flowdb.backup.progress import Progress, readable, readable_seconds


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_log_gets_a_line_now_and_then() -> None:
    stream, clock = io.StringIO(), Clock()
    progress = Progress("Copied", stream, clock)
    for second in range(26):
        clock.now = 100.0 + second
        progress(second * 2**30, 40 * 2**30)
    progress(40 * 2**30, 40 * 2**30)
    assert stream.getvalue().splitlines() == [
        "Copied: 25 %, 10.0 GB of 40.0 GB, about 30 s left",
        "Copied: 50 %, 20.0 GB of 40.0 GB, about 20 s left",
        "Copied: 100 %, 40.0 GB of 40.0 GB in 25 s",
    ]


def test_a_terminal_gets_one_line_that_renews_itself() -> None:
    stream, clock = Terminal(), Clock()
    progress = Progress("Copied", stream, clock)
    for done in (1, 2, 3):
        clock.now += 1
        progress(done, 3)
    lines = stream.getvalue()
    assert lines.count("\n") == 1
    assert lines.count("\r") == 3
    # A shorter line covers what a longer one left.
    assert all(len(line.rstrip("\n")) >= 33 for line in lines.split("\r")[1:])


def test_only_what_is_complete_is_complete() -> None:
    stream, clock = Terminal(), Clock()
    progress = Progress("Copied", stream, clock)
    clock.now += 1
    progress(999_999, 1_000_000)
    assert " 99 %" in stream.getvalue()


def test_sizes_and_durations() -> None:
    assert [readable(count) for count in (0, 1023, 1024, 2**40)] == ["0 B", "1023 B", "1.0 kB", "1.0 TB"]
    assert [readable_seconds(count) for count in (0, 59.6, 3599, 3600)] == [
        "0 s",
        "1 min 0 s",
        "59 min 59 s",
        "1 h 0 min",
    ]
