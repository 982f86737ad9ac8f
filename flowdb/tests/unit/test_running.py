"""Running the programs that make backups."""

import threading

import psutil

from flowdb.backup.running import run_reporting


def test_what_a_killed_program_left_is_not_waited_for() -> None:
    """Its child keeps the pipe open that is read; without it, this would take five minutes."""
    ended = []
    script = "sleep 301 & echo 'error: killed soon' >&2; kill -9 $$"
    running = threading.Thread(
        target=lambda: ended.append(run_reporting(["sh", "-c", script], lambda _done, _total: None)),
        daemon=True,
    )
    running.start()
    running.join(timeout=20)
    assert [(each.code, each.first_error) for each in ended] == [(-9, "killed soon")]
    assert not any(
        "301" in process.info["cmdline"]
        for process in psutil.process_iter(["cmdline"])
        if process.info["cmdline"]
    )


def test_progress_is_told_and_other_lines_are_kept() -> None:
    told = []
    script = "echo ' 10/100 kB (10%)' >&2; echo 'warning: slow' >&2; echo '100/100 kB (100%)' >&2"
    ended = run_reporting(["sh", "-c", script], lambda done, total: told.append((done, total)))
    assert ended.code == 0
    assert ended.lines == ["warning: slow"]
    assert told[0] == (10 * 1024, 100 * 1024)
    assert told[-1] == (100 * 1024, 100 * 1024)
