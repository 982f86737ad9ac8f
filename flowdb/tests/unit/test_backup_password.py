"""A program finds the password where no other user can, and nothing is left of it."""

import subprocess
import sys

import pytest

from flowdb.backup.password import password_file

READS = "import os, pathlib, sys; f = pathlib.Path(sys.argv[1]); print(oct(f.stat().st_mode), f.read_text())"


@pytest.mark.parametrize("password", ["plain", "a:b\\c", "it's ü"])
def test_a_child_reads_it_as_often_as_it_likes(password: str) -> None:
    with password_file(password) as (descriptor, path):
        for _ in range(2):
            said = subprocess.run(
                [sys.executable, "-X", "utf8", "-c", READS, path],
                pass_fds=[descriptor],
                check=True,
                capture_output=True,
                encoding="utf-8",
            ).stdout
            mode, _, line = said.strip().partition(" ")
            assert mode == "0o100600"
            escaped = password.replace("\\", "\\\\").replace(":", "\\:")
            assert line == f"*:*:*:*:{escaped}"
