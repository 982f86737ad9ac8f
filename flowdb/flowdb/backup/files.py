"""Files that survive a power cut: directories written through to the disk, sizes, removal."""

import os
import shutil
from pathlib import Path


def sync_directory(directory: Path) -> None:
    """Write the entries of a directory through to the disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_synced(file: Path, text: str) -> None:
    """Write a file that only its owner can read, through to the disk."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())


def size_of(directory: Path) -> int:
    """Return the bytes of the files below a directory."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def existing_parent(path: Path) -> Path:
    """Return the nearest directory above a path that is there, or the path itself."""
    return next(each for each in (path, *path.parents) if each.exists())


def free_bytes(path: Path) -> int:
    """Return what is free on the file system that a path is or would be on."""
    return shutil.disk_usage(existing_parent(path)).free
