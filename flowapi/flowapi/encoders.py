"""Rows of a result as JSON, GeoJSON or CSV, a batch at a time."""

import csv
import io
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import asyncpg
import orjson

Convert = Callable[[Any], Any]
_NON_ASCII = re.compile(r"[^\x00-\x7f]")


def _escape(match: re.Match[str]) -> str:
    utf16 = match.group().encode("utf-16-be")
    return "".join(f"\\u{int.from_bytes(utf16[i : i + 2]):04X}" for i in range(0, len(utf16), 2))


def _ascii(text: bytes) -> bytes:
    """Escape non-ASCII characters, which in JSON occur inside strings only."""
    return text if text.isascii() else _NON_ASCII.sub(_escape, text.decode()).encode()


def _other(value: Any) -> Any:
    """Give a JSON form to values that have none of their own, rather than break the result."""
    return value.hex() if isinstance(value, bytes) else str(value)


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value, default=_other)


def other_text(value: Any) -> str:
    """Return the text of a value that a format has no type for."""
    return value if isinstance(value, str) else str(_other(value))


def array_text(column_type: asyncpg.Type) -> Convert:
    """Return what writes the arrays of a column as JSON."""
    convert = _json_converter(column_type.name)
    if convert is None:
        return lambda array: _dumps(array).decode()
    return lambda array: _dumps(_map_array(convert, array)).decode()


def _number(text: str) -> Any:
    """Put a numeric's digits into JSON as they are; JSON has no NaN or infinity."""
    return orjson.Fragment(text) if text.lstrip("-")[:1].isdigit() else None


_JSON_CONVERTERS: dict[str, Convert] = {
    "numeric": _number,
    "json": orjson.Fragment,
    "jsonb": orjson.Fragment,
}


def _json_converter(type_name: str) -> Convert | None:
    """Return what turns a value of a PostgreSQL type into what `_dumps` takes, None if it is that already."""
    if type_name.endswith("[]"):
        convert = _json_converter(type_name[:-2])
        return None if convert is None else lambda array: _map_array(convert, array)
    return _JSON_CONVERTERS.get(type_name)


def _map_array(convert: Convert, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_map_array(convert, item) for item in value]
    return None if value is None else convert(value)


class Encoder(ABC):
    """Makes the parts of one response body.

    Parameters
    ----------
    columns
        The result's columns, as the prepared statement describes them.
    """

    content_type: ClassVar[str]

    def __init__(self, columns: Sequence[asyncpg.Attribute]) -> None:
        self.names = [column.name for column in columns]
        converters = ((i, self.converter(column.type)) for i, column in enumerate(columns))
        self.converters = [(i, convert) for i, convert in converters if convert is not None]

    @abstractmethod
    def converter(self, column_type: asyncpg.Type) -> Convert | None:
        """Return what prepares the values of a column, None if they are fine as they are."""

    @abstractmethod
    def head(self) -> bytes:
        """Return what comes before the first row."""

    @abstractmethod
    def rows(self, records: Sequence[asyncpg.Record]) -> bytes:
        """Return the rows of one batch, which is not empty."""

    @abstractmethod
    def tail(self) -> bytes:
        """Return what comes after the last row."""

    def values(self, record: asyncpg.Record) -> Sequence[Any]:
        """Return a row's values, prepared."""
        values = list(record)
        for i, convert in self.converters:
            if values[i] is not None:
                values[i] = convert(values[i])
        return values


class JsonEncoder(Encoder):
    """An object that holds the query id and the list of rows.

    Parameters
    ----------
    columns
        As for every encoder.
    opening
        The body up to the first row.
    """

    content_type = "application/json"

    def __init__(self, columns: Sequence[asyncpg.Attribute], opening: bytes) -> None:
        super().__init__(columns)
        self._opening = opening
        self._separator = b""

    def converter(self, column_type: asyncpg.Type) -> Convert | None:
        """Return what makes a value ready for JSON."""
        return _json_converter(column_type.name)

    def head(self) -> bytes:
        """Return the opening."""
        return self._opening

    def rows(self, records: Sequence[asyncpg.Record]) -> bytes:
        """Return the rows as objects, after a separator unless they are the first."""
        names = self.names
        rows = map(self.values, records) if self.converters else records
        objects = [_dumps(dict(zip(names, row, strict=True))) for row in rows]
        separator, self._separator = self._separator, b", "
        return separator + _ascii(b", ".join(objects))

    def tail(self) -> bytes:
        """Close the list and the object."""
        return b"]}"


class GeoJsonEncoder(JsonEncoder):
    """A feature collection; each row has the columns of a feature."""

    content_type = "application/geo+json"


class CsvEncoder(Encoder):
    """Comma-separated values (RFC 4180) with a header row, also when there are no rows."""

    content_type = "text/csv"

    def __init__(self, columns: Sequence[asyncpg.Attribute]) -> None:
        super().__init__(columns)
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer)

    def converter(self, column_type: asyncpg.Type) -> Convert | None:
        """Write arrays as JSON."""
        if column_type.kind == "array":
            return array_text(column_type)
        return bytes.hex if column_type.name == "bytea" else None

    def head(self) -> bytes:
        """Return the header row."""
        self._writer.writerow(self.names)
        return self._take()

    def rows(self, records: Sequence[asyncpg.Record]) -> bytes:
        """Return the rows."""
        self._writer.writerows(map(self.values, records) if self.converters else records)
        return self._take()

    def tail(self) -> bytes:
        """Return nothing."""
        return b""

    def _take(self) -> bytes:
        text = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return text.encode()


MakeEncoder = Callable[[Sequence[asyncpg.Attribute]], Encoder]


def json_encoder(query_id: str) -> MakeEncoder:
    """Return what makes the JSON encoder of a query's result."""
    opening = b'{"query_id":' + _ascii(_dumps(query_id)) + b', "query_result":['
    return lambda columns: JsonEncoder(columns, opening)


def geojson_encoder() -> MakeEncoder:
    """Return what makes an encoder of features."""
    return lambda columns: GeoJsonEncoder(columns, b'{"type":"FeatureCollection", "features":[')


def csv_encoder() -> MakeEncoder:
    """Return what makes an encoder of comma-separated values."""
    return CsvEncoder
