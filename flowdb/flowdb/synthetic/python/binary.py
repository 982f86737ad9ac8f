"""Rows in the binary format of COPY, made column by column with numpy.

A row of the format is the number of its fields, then for each field its length and its octets, numbers
in network order. All rows of a table here have fields of the same lengths, so that a block of rows is
one numpy record array; a text column of varying length is cut to length at the end.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
_LARGEST_NUMERIC = 10**8


@dataclass(frozen=True)
class Field:
    """One column: its name and the dtype of its octets, or None for a column that is always null.

    A number given in parts of a whole has as many `decimals`.
    """

    name: str
    octets: np.dtype | None
    decimals: int = 0


def text(name: str, width: int) -> Field:
    """Return a text column of at most `width` octets."""
    return Field(name, np.dtype(f"S{width}"))


def boolean(name: str) -> Field:
    """Return a boolean column."""
    return Field(name, np.dtype("u1"))


def timestamp(name: str) -> Field:
    """Return a timestamp column: microseconds since 2000-01-01."""
    return Field(name, np.dtype(">i8"))


def numeric(name: str) -> Field:
    """Return a numeric column of whole numbers from 0 to 99 999 999."""
    # Two digits of base 10000 with the weight of the first, no sign, no decimals.
    return Field(name, np.dtype([("head", "S8"), ("digits", ">i2", 2)]))


def hundredths(name: str) -> Field:
    """Return a numeric column with two decimals, given in hundredths from 0 to 99 999 999."""
    # The decimals are one more digit of base 10000.
    return Field(name, np.dtype([("head", "S8"), ("digits", ">i2", 3)]), decimals=2)


def null(name: str) -> Field:
    """Return a column that is null in every row."""
    return Field(name, None)


class Layout:
    """The columns of a table, as one record."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = {field.name: field for field in fields}
        parts: list[tuple[str, object]] = [("count", ">i2")]
        for field in fields:
            parts.append((f"{field.name} length", ">i4"))
            if field.octets is not None:
                parts.append((field.name, field.octets))
        self.dtype = np.dtype(parts)

    def encode(self, columns: dict[str, NDArray[np.generic]]) -> bytes:
        """Return rows in the binary format; `columns` holds an array for every column that is not null."""
        size = len(next(iter(columns.values())))
        block = np.zeros(size, dtype=self.dtype)
        block["count"] = len(self.fields)
        kept = None
        for name, field in self.fields.items():
            if field.octets is None:
                block[f"{name} length"] = -1
                continue
            block[f"{name} length"] = field.octets.itemsize
            if field.octets.names is not None:
                _fill_numeric(block[name], columns[name], field.decimals)
            else:
                block[name] = columns[name]
            if field.octets.kind == "S":
                lengths = np.char.str_len(columns[name].astype(np.bytes_))
                if (lengths != field.octets.itemsize).any():
                    block[f"{name} length"] = lengths
                    kept = self._cut(kept, name, lengths)
        octets = block.view(np.uint8).reshape(size, self.dtype.itemsize)
        return octets.tobytes() if kept is None else octets[kept].tobytes()

    def _cut(self, kept: NDArray[np.bool_] | None, name: str, lengths: NDArray[np.int_]) -> NDArray[np.bool_]:
        if kept is None:
            kept = np.ones((len(lengths), self.dtype.itemsize), dtype=bool)
        fields = self.dtype.fields
        assert fields is not None  # noqa: S101 - a record dtype always has them
        width, start = self.dtype[name].itemsize, fields[name][1]
        kept[:, start : start + width] = np.arange(width) < lengths[:, None]
        return kept


def _fill_numeric(target: NDArray[np.void], values: NDArray[np.generic], decimals: int) -> None:
    numbers = values.astype(np.int64)
    if numbers.size and (numbers.min() < 0 or numbers.max() >= _LARGEST_NUMERIC):
        raise ValueError(f"Whole numbers from 0 to {_LARGEST_NUMERIC - 1} are expected.")
    digits = target["digits"]
    target["head"] = np.array([digits.shape[1], 1, 0, decimals], dtype=">i2").tobytes()
    if decimals:
        numbers, parts = np.divmod(numbers, 10**decimals)
        digits[:, 2] = parts * 10 ** (4 - decimals)
    digits[:, 0], digits[:, 1] = np.divmod(numbers, 10_000)


class Stream(io.RawIOBase):
    """Blocks of octets as a file that is read once, so that a day is never held whole."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Say that this file can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with the next octets; return how many, 0 at the end."""
        while not self._rest:
            try:
                self._rest = memoryview(next(self._blocks))
            except StopIteration:
                return 0
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
