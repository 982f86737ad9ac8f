"""How the values of variables are written: sizes, whole numbers, switches, names."""

import math
import re
from collections.abc import Callable
from typing import Annotated

from pydantic import BeforeValidator

KIB, MIB, GIB, TIB = 1024, 1024**2, 1024**3, 1024**4
_UNITS = {"b": 1, "k": KIB, "m": MIB, "g": GIB, "t": TIB}
_SIZE = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(?P<unit>b|[kmgt]b?)?", re.IGNORECASE)
_ON = frozenset({"true", "t", "yes", "y", "on", "1"})
_OFF = frozenset({"false", "f", "no", "n", "off", "0"})
# PostgreSQL cuts longer names without a word.
_LONGEST_NAME = 63


def is_unset(value: object) -> bool:
    """Say whether a value stands for none: compose files pass a pair of quotes for unset variables."""
    return isinstance(value, str) and value.strip() in ("", '""', "''")


def parse_size(text: str, *, bare: bool) -> int:
    """Return the bytes that a size stands for.

    Parameters
    ----------
    text
        A number and a unit as PostgreSQL writes them (``B``, ``kB``, ``MB``, ``GB``, ``TB``), in any
        case, with or without the ``B`` and a space: ``16GB``, ``1.5 GB``, ``512m``.
    bare
        Whether a number without a unit is taken, as bytes.

    Raises
    ------
    ValueError
        If it is no size. A number without a unit is refused unless `bare`: PostgreSQL counts pages of
        8 kB then, people count bytes.

    Examples
    --------
    >>> parse_size("16GB", bare=False) == 16 * 1024**3, parse_size("1024", bare=True)
    (True, 1024)
    """
    found = _SIZE.fullmatch(text.strip())
    example = "write a number and a unit, such as 16GB, 512MB or 1024kB"
    if found is None:
        raise ValueError(f"'{text}' is not a size: {example}{', or bytes' if bare else ''}")
    if found["unit"] is None and not bare:
        raise ValueError(f"'{text}' has no unit: {example}")
    return math.ceil(float(found["number"]) * _UNITS[(found["unit"] or "b")[0].lower()])


def exact_size(count: int) -> str:
    """Write a number of bytes in the largest unit of PostgreSQL that gives a whole number.

    Examples
    --------
    >>> exact_size(16 * 1024**3), exact_size(1536 * 1024**2), exact_size(1)
    ('16GB', '1536MB', '1kB')
    """
    kilobytes = math.ceil(count / KIB)
    for unit, factor in (("TB", KIB**3), ("GB", MIB), ("MB", KIB)):
        if kilobytes % factor == 0 and kilobytes:
            return f"{kilobytes // factor}{unit}"
    return f"{kilobytes}kB"


def _size(low: int, *, bare: bool = False) -> Callable[[object], int]:
    def read(value: object) -> int:
        count = parse_size(str(value), bare=bare or isinstance(value, int))
        if count < low:
            raise ValueError(f"'{value}' is too little: at least {exact_size(low)}")
        return count

    return read


def _whole(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        text = str(value).strip()
        if not re.fullmatch(r"[+-]?\d+", text) or not low <= int(text) <= high:
            raise ValueError(f"'{value}' is not a whole number from {low} to {high}")
        return int(text)

    return read


def _switch(value: object) -> bool:
    text = str(value).strip().lower()
    if text not in _ON | _OFF:
        raise ValueError(f"'{value}' is neither true nor false")
    return text in _ON


def _half_life(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise ValueError(f"'{value}' is not a number above 0")
    return number


def _role(value: object) -> str:
    name = str(value)
    if not 0 < len(name.encode()) <= _LONGEST_NAME or name.startswith("pg_") or name == "public":
        raise ValueError(
            f"'{name}' cannot be the name of a role: at most {_LONGEST_NAME} bytes, and neither 'public' "
            "nor beginning with 'pg_', which PostgreSQL keeps for itself"
        )
    return name


def _table(value: object) -> str:
    if not re.fullmatch(r"[^\s.\"']+\.[^\s.\"']+", str(value)):
        raise ValueError(f"'{value}' is not schema.table, such as infrastructure.cells")
    return str(value)


def _release(value: object) -> str:
    # FlowMachine compares releases as text with 0.5.0, after taking a leading v away.
    if not str(value).removeprefix("v")[:1] >= "0":
        raise ValueError(f"'{value}' is not a release, such as 2.0.0: it begins with a digit")
    return str(value)


_INTEGER, _BACKENDS, _WORKERS = 2**31 - 1, 262_143, 1024

BufferSize = Annotated[int, BeforeValidator(_size(128 * KIB))]
"""Bytes of PostgreSQL's shared buffers or of a cache it may count on."""
DiskSize = Annotated[int, BeforeValidator(_size(1, bare=True))]
"""Bytes of disk."""
Processors = Annotated[int, BeforeValidator(_whole(1, _WORKERS))]
Workers = Annotated[int, BeforeValidator(_whole(0, _WORKERS))]
"""A number of parallel workers; 0 turns parallel work off."""
Connections = Annotated[int, BeforeValidator(_whole(10, _BACKENDS))]
Locks = Annotated[int, BeforeValidator(_whole(10, _INTEGER))]
StatisticsTarget = Annotated[int, BeforeValidator(_whole(1, 10_000))]
Seconds = Annotated[int, BeforeValidator(_whole(0, _INTEGER))]
Port = Annotated[int, BeforeValidator(_whole(1, 65_535))]
HalfLife = Annotated[float, BeforeValidator(_half_life)]
Switch = Annotated[bool, BeforeValidator(_switch)]
RoleName = Annotated[str, BeforeValidator(_role)]
TableName = Annotated[str, BeforeValidator(_table)]
Release = Annotated[str, BeforeValidator(_release)]
