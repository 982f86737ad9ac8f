"""Files that results are written to as they arrive, so that their size does not matter."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

FORMATS = ("csv", "json", "geojson", "arrow", "parquet")


def result_format(path: str | os.PathLike[str]) -> str:
    """Return the format that a file's name asks for.

    Raises
    ------
    ValueError
        If results do not come in it.
    FileNotFoundError
        If the file's directory does not exist: better said before a long wait than after it.
    """
    found = Path(path).suffix.removeprefix(".").lower()
    if found not in FORMATS:
        known = ", ".join(f".{known}" for known in FORMATS)
        raise ValueError(f"Invalid file name: '{path}'. Expected one that ends in one of {known}.")
    directory = Path(path).parent
    if not directory.is_dir():
        raise FileNotFoundError(errno.ENOENT, "No such directory", str(directory))
    return found


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file for writing that appears under its name only when it is complete."""
    final = Path(path)
    partial = final.with_name(f"{final.name}.part")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(final)
    finally:
        partial.unlink(missing_ok=True)
