"""Rows of a result as Arrow record batches and as Parquet, a batch at a time.

Both keep the types of columns, which CSV loses and JSON has few of. The formats are pyarrow's business;
here is only which Arrow type a column of PostgreSQL becomes.
"""

import io
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import asyncpg
import pyarrow as pa
import pyarrow.parquet

from flowapi.encoders import Convert, Encoder, array_text, other_text

ROW_GROUP_ROWS = 50_000
"""Rows that a group of a Parquet file has at least; readers skip and decompress by groups."""

_TYPES: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    # Nothing tells the scale of a numeric before its last row; those who need all digits take JSON or CSV.
    "numeric": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "bytea": pa.binary(),
}


def arrow_type(column_type: asyncpg.Type) -> pa.DataType:
    """Return the Arrow type of a column: text, if none is closer.

    PostgreSQL does not say how many dimensions the arrays of a column have. They are JSON in text, as in CSV.
    """
    return pa.string() if column_type.kind == "array" else _TYPES.get(column_type.name, pa.string())


class _Sink(io.RawIOBase):
    """Keeps what was written until it is taken, and counts all of it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


class _TypedEncoder(Encoder):
    """What both formats share: a schema, and record batches made of rows."""

    def __init__(self, columns: Sequence[asyncpg.Attribute]) -> None:
        super().__init__(columns)
        self.schema = pa.schema([(column.name, arrow_type(column.type)) for column in columns])
        self.sink = _Sink()

    def converter(self, column_type: asyncpg.Type) -> Convert | None:
        """Make text of what has no Arrow type, and numbers of numerics."""
        if column_type.kind == "array":
            return array_text(column_type)
        if column_type.name == "numeric":
            return float
        return other_text if arrow_type(column_type) == pa.string() else None

    def record_batch(self, records: Sequence[asyncpg.Record]) -> pa.RecordBatch:
        """Return the rows by column."""
        columns = zip(*map(self.values, records), strict=True)
        arrays = [pa.array(values, field.type) for values, field in zip(columns, self.schema, strict=True)]
        return pa.record_batch(arrays, schema=self.schema)

    @abstractmethod
    def close(self) -> None:
        """Write what ends the format."""

    def tail(self) -> bytes:
        """Return the end."""
        self.close()
        return self.sink.take()


class ArrowEncoder(_TypedEncoder):
    """An Arrow IPC stream: the schema, then a record batch for each batch of rows."""

    content_type: ClassVar[str] = "application/vnd.apache.arrow.stream"

    def head(self) -> bytes:
        """Return the schema."""
        self._writer = pa.ipc.new_stream(self.sink, self.schema)
        return self.sink.take()

    def rows(self, records: Sequence[asyncpg.Record]) -> bytes:
        """Return the rows as one record batch."""
        self._writer.write_batch(self.record_batch(records))
        return self.sink.take()

    def close(self) -> None:
        """Write the end of the stream."""
        self._writer.close()


class ParquetEncoder(_TypedEncoder):
    """A Parquet file, compressed by Snappy; a group of rows is sent as soon as it is full."""

    content_type: ClassVar[str] = "application/vnd.apache.parquet"

    def head(self) -> bytes:
        """Return the magic number."""
        self._writer = pa.parquet.ParquetWriter(self.sink, self.schema)
        self._waiting: list[pa.RecordBatch] = []
        return self.sink.take()

    def rows(self, records: Sequence[asyncpg.Record]) -> bytes:
        """Return the rows together with those that wait, or nothing while these are few."""
        self._waiting.append(self.record_batch(records))
        if sum(map(len, self._waiting)) >= ROW_GROUP_ROWS:
            self._write()
        return self.sink.take()

    def close(self) -> None:
        """Write the last rows and the footer, without which nobody can read the file."""
        if self._waiting:
            self._write()
        self._writer.close()

    def _write(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._waiting))
        self._waiting.clear()
