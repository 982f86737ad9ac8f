"""Rows as they come from a file, with the place of each in it, for messages."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from flowdb.errors import FlowDBError

Value = str | int | float | Decimal | date | bool | None
_GEOGRAPHIC = {".gpkg", ".geojson", ".json", ".shp"}
_TRUE, _FALSE = {"true", "t", "yes", "y", "1", "1.0"}, {"false", "f", "no", "n", "0", "0.0"}


class InfrastructureError(FlowDBError):
    """A file of cells, sites or phone models cannot be loaded; the text says which line and why."""


@dataclass(frozen=True)
class Table:
    """A file's rows as texts.

    Attributes
    ----------
    path
        The file.
    columns
        Their names, as the file has them.
    rows
        The texts of each row; None where there is none.
    lines
        Where in the file each row is.
    unit
        What `lines` counts.
    """

    path: Path
    columns: list[str]
    rows: list[list[str | None]]
    lines: list[int]
    unit: str = "line"

    def column(self, name: str, fields: dict[str, str]) -> str | None:
        """Return the file's column for a final one: the one that is named, or of the same name."""
        if name in fields:
            if fields[name] not in self.columns:
                raise InfrastructureError(
                    f"'{self.path}' has no column '{fields[name]}'; there are: {', '.join(self.columns)}."
                )
            return fields[name]
        return next((column for column in self.columns if column.strip().lower() == name), None)

    def required(self, name: str, fields: dict[str, str]) -> str:
        """Return the file's column for a final one that must be there."""
        column = self.column(name, fields)
        if column is None:
            raise InfrastructureError(
                f"'{self.path}' has no column '{name}': say which it is with --field {name}=COLUMN; "
                f"there are: {', '.join(self.columns)}."
            )
        return column


def read_table(path: Path, separator: str = ",", layer: str | None = None, crs: str | None = None) -> Table:
    """Read a CSV file with a header, or points from a GeoPackage, GeoJSON file or shapefile.

    Points become columns ``latitude`` and ``longitude``, in degrees.
    """
    if not path.is_file():
        raise InfrastructureError(f"'{path}' does not exist or is no file.")
    if path.suffix.lower() in _GEOGRAPHIC:
        return _read_points(path, layer, crs)
    rows: list[list[str | None]] = []
    lines = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=separator, strict=True)
            columns = [column.strip() for column in next(reader, [])]
            _check_header(path, columns, separator)
            for row in reader:
                if not any(text.strip() for text in row):
                    continue
                if len(row) != len(columns):
                    raise InfrastructureError(
                        f"'{path}', line {reader.line_num}: {len(row)} values, "
                        f"but the header names {len(columns)}."
                    )
                rows.append([text.strip() or None for text in row])
                lines.append(reader.line_num)
    except UnicodeDecodeError:
        raise InfrastructureError(f"'{path}' is not UTF-8 text: save it as UTF-8.") from None
    except csv.Error as error:
        raise InfrastructureError(f"'{path}', line {reader.line_num}: {error}.") from None
    if not rows:
        raise InfrastructureError(f"'{path}' holds no rows below its header.")
    return Table(path, columns, rows, lines)


def _check_header(path: Path, columns: list[str], separator: str) -> None:
    if len(columns) == 1 and any(other in columns[0] for other in ";\t|,"):
        raise InfrastructureError(
            f"The header of '{path}' holds no '{separator}': "
            "say what is between its columns with --separator."
        )
    if doubled := sorted({column for column in columns if columns.count(column) > 1}):
        raise InfrastructureError(f"'{path}' has more than one column '{doubled[0]}'.")


def _read_points(path: Path, layer: str | None, crs: str | None) -> Table:
    from flowdb.geography.source import read_regions, texts

    frame = read_regions(path, layer, crs).to_crs("EPSG:4326").reset_index(drop=True)
    wrong = frame.index[~(frame.geometry.geom_type == "Point") | frame.geometry.is_empty]
    if len(wrong):
        raise InfrastructureError(f"'{path}', row {wrong[0] + 1}: not a point.")
    names = [str(column) for column in frame.columns if column != frame.geometry.name]
    columns = {name: texts(frame[name]) for name in names}
    columns |= {"latitude": frame.geometry.y.map(repr), "longitude": frame.geometry.x.map(repr)}
    rows = [
        [text if isinstance(text, str) else None for text in row]
        for row in zip(*columns.values(), strict=True)
    ]
    return Table(path, list(columns), rows, list(range(1, len(rows) + 1)), "row")


def parse_text(text: str) -> str:
    """Take a text as it is."""
    return text


def parse_number(text: str) -> Decimal:
    """Read a number."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        hint = ": write a point, not a comma" if text.count(",") == 1 else ""
        raise ValueError(f"is not a number{hint}") from None
    if not number.is_finite():
        raise ValueError("is not a number")
    return number


def parse_count(text: str) -> int:
    """Read a whole number from 0 on."""
    number = parse_number(text)
    if number < 0 or number != number.to_integral_value() or number >= 2**31:
        raise ValueError("is not a whole number from 0 on")
    return int(number)


def parse_date(text: str) -> date:
    """Read a date; a time of day after it must be midnight."""
    day, _, time = text.replace("T", " ").partition(" ")
    try:
        if time.strip("0:.Z+ "):
            raise ValueError
        return date.fromisoformat(day)
    except ValueError:
        raise ValueError("is not a date: write it as 2016-01-31") from None


def parse_boolean(text: str) -> bool:
    """Read yes or no in one of its common spellings."""
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError("is neither true nor false")


PARSERS: dict[str, Callable[[str], Value]] = {
    "text": parse_text,
    "numeric": parse_number,
    "integer": parse_count,
    "date": parse_date,
    "boolean": parse_boolean,
}
"""How texts become values of a type of column."""


def parse_column(
    table: Table, column: str, parse: Callable[[str], Value], needed: bool = False
) -> list[Value]:
    """Read the values of a column; the first that cannot be read is named with its line.

    Parameters
    ----------
    table
        The file.
    column
        The column, as the file names it.
    parse
        Makes a value of a text, or raises ValueError with what is wrong with it.
    needed
        Whether every row must have a value.
    """
    at = table.columns.index(column)
    values: list[Value] = []
    problems: list[str] = []
    for row, line in zip(table.rows, table.lines, strict=True):
        text, value = row[at], None
        try:
            if text is not None:
                value = parse(text)
            elif needed:
                raise ValueError("is empty")
        except ValueError as error:
            shown = "" if text is None else f" '{text}'"
            problems.append(f"{table.unit} {line}: {column}{shown} {error}")
        values.append(value)
    refuse(table, problems)
    return values


def refuse(table: Table, problems: Sequence[str]) -> None:
    """Raise the first problem of a file, with the number of further ones."""
    if problems:
        more = f" ({len(problems) - 1} more such lines)" if len(problems) > 1 else ""
        raise InfrastructureError(f"'{table.path}', {problems[0]}{more}. Nothing was loaded.")
