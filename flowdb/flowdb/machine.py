"""The machine that the server runs on: processors, memory, shared memory, disk."""

import math
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import psutil

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108
_KERNEL = Path("/proc/sys/kernel")


@dataclass(frozen=True)
class Machine:
    """What the server has to work with.

    Attributes
    ----------
    cpus
        Logical processors this process may use.
    memory
        Bytes of memory, the limit of the container if that is lower.
    disk_total, disk_free
        Bytes of the file system that holds the data directory.
    shared_memory
        Bytes that ``/dev/shm`` holds. Container engines give 64 MB if nothing is said.
    system_v
        Bytes of System V shared memory that the kernel allows.
    """

    cpus: int
    memory: int
    disk_total: int
    disk_free: int
    shared_memory: int = 2**62
    system_v: int = 2**62

    @classmethod
    def here(cls, data_directory: Path) -> "Machine":
        """Describe the machine this process runs on."""
        existing = next(path for path in (data_directory, *data_directory.resolve().parents) if path.exists())
        disk = shutil.disk_usage(existing)
        return cls(
            cpus=len(os.sched_getaffinity(0)),
            memory=int(min(psutil.virtual_memory().total, _container_limit())),
            disk_total=disk.total,
            disk_free=disk.free,
            shared_memory=shutil.disk_usage(SHARED_MEMORY).total if SHARED_MEMORY.is_dir() else 0,
            system_v=min(_kernel_limit("shmmax"), _kernel_limit("shmall") * os.sysconf("SC_PAGE_SIZE")),
        )


def _container_limit() -> float:
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        path = Path(name)
        if path.exists():
            text = path.read_text().strip()
            return math.inf if text == "max" else int(text)
    return math.inf


def _kernel_limit(name: str) -> int:
    try:
        return int((_KERNEL / name).read_text())
    except (OSError, ValueError):
        return 0
