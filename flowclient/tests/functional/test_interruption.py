"""Ctrl-C while a query is waited for: a real signal to a real process."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .slow_server import SECONDS, TOKEN, slow_server

PROGRAM = Path(__file__).with_name("interrupted.py")


@pytest.mark.parametrize("face", ["sync", "async"])
@pytest.mark.parametrize("holds_polls", [False, True], ids=["between polls", "during a poll"])
def test_waiting_ends_at_once_and_the_connection_can_be_used_on(face: str, holds_polls: bool) -> None:
    with slow_server(holds_polls=holds_polls) as server:
        process = subprocess.Popen(
            [sys.executable, PROGRAM, face, server.url, TOKEN],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.polled.wait(SECONDS)
            process.send_signal(signal.SIGINT)
            # The next poll is a minute away, and one that is held is never answered.
            output, errors = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
            process.wait()
        assert process.returncode == 0, errors
        assert "query Q goes on at the server" in output
        assert output.endswith("('Q', {'calls': ['2016-01-01']})\n")
