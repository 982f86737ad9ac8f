"""Handing a password to a program of PostgreSQL without showing or leaving it anywhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def password_file(password: str) -> Iterator[tuple[int, str]]:
    """Yield a descriptor for the child to inherit and the path under which the child finds the password.

    The file is in memory and goes with the processes that have it open, even if they are killed.
    """
    descriptor = os.memfd_create("flowdb-password", os.MFD_CLOEXEC)
    try:
        # The program refuses a file that others could read.
        os.fchmod(descriptor, 0o600)
        escaped = password.replace("\\", "\\\\").replace(":", "\\:")
        os.write(descriptor, f"*:*:*:*:{escaped}\n".encode())
        yield descriptor, f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
