"""The same calls in every kind of source that can be had here, and what FlowDB must make of them."""

import csv
import gzip
import hashlib
import hmac
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg2
import pyogrio
from documented import psql
from psycopg2 import sql

from flowdb.testing import RunningFlowDB

Run = Callable[..., str]
KEY = bytes(range(32))
PASSWORD = "it's @secret"
COLUMNS = [
    "call_id",
    "direction",
    "start_time",
    "duration",
    "msisdn",
    "other_msisdn",
    "cell_id",
    "imsi",
    "imei",
]
NUMBERS = [f"+97798{number:08d}" for number in range(40)]


def call(number: int, time: str) -> dict[str, Any]:
    """Return one party of a call as a source has it; some values are missing, some are awkward."""
    phone = number * 7 % len(NUMBERS)
    return {
        "call_id": f'call "{number}", é',
        "direction": "MO" if number % 2 else "MT",
        "start_time": f"{time}+00:00",
        "duration": number * 1.5,
        "msisdn": NUMBERS[phone],
        "other_msisdn": None if number % 5 == 0 else NUMBERS[(phone + 1) % len(NUMBERS)],
        "cell_id": None if number % 11 == 0 else f"{number % 4:04d}",
        "imsi": f"42901{phone:010d}",
        "imei": None if number % 7 == 0 else f"3512{phone:04d}1234567",
    }


CALLS = [
    call(1, "2024-02-29 23:59:59.999"),
    call(2, "2024-03-01 00:00:00.000"),
    *(call(3 + n, f"2024-03-01 {n * 7 // 60:02d}:{n * 7 % 60:02d}:17.250") for n in range(200)),
    call(203, "2024-03-01 23:59:59.999"),
    call(204, "2024-03-02 00:00:00.000"),
]


def pseudonym(identifier: str | None) -> str | None:
    return None if identifier is None else hmac.new(KEY, identifier.encode(), hashlib.sha256).hexdigest()


def expected_day(seconds_only: bool = False) -> list[tuple[Any, ...]]:
    """Return the rows that the first of March must have, by subscriber and time."""
    rows = [
        (
            row["call_id"],
            row["direction"] == "MO",
            datetime.fromisoformat(row["start_time"]).replace(**{"microsecond": 0} if seconds_only else {}),
            row["duration"],
            pseudonym(row["msisdn"]),
            pseudonym(row["other_msisdn"]),
            row["cell_id"],
            pseudonym(row["imsi"]),
            pseudonym(row["imei"]),
            None if row["imei"] is None else int(row["imei"][:8]),
        )
        for row in CALLS
        if row["start_time"].startswith("2024-03-01")
    ]
    return sorted(rows, key=lambda row: (row[4], row[2]))


def for_the_server(flowdb: RunningFlowDB, file: Path, content: bytes) -> None:
    """Write a file that the user of the server can read, and nobody else."""
    file.write_bytes(content)
    file.chmod(0o600)
    owner = flowdb.data_directory.stat()
    if owner.st_uid != os.geteuid():
        os.chown(file, owner.st_uid, owner.st_gid)


def ask(flowdb: RunningFlowDB, statement: str | sql.Composed, role: str = "flowdb") -> list[tuple[Any, ...]]:
    """Run one statement as a role and return its rows."""
    with closing(psycopg2.connect(flowdb.dsn(role))) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def write_csv(file: Path) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(CALLS)


@contextmanager
def postgresql(flowdb: RunningFlowDB, files: Path, run: Run) -> Iterator[None]:
    """Make another database with calls in it, and an account there that may read one view."""
    psql(flowdb.dsn(), "CREATE DATABASE warehouse")
    try:
        write_csv(files / "warehouse.csv")
        script = CDR_VOICE.replace("COLUMNS", ", ".join(COLUMNS))
        psql(warehouse(flowdb), script.replace("FILE", str(files / "warehouse.csv")))
        run("On the source", dsn=warehouse(flowdb))
        ask(flowdb, sql.SQL("ALTER ROLE flowdb_reader PASSWORD {}").format(sql.Literal(PASSWORD)))
        line = f"{flowdb.host}:{flowdb.port}:warehouse:flowdb_reader:{PASSWORD}\n"
        for_the_server(flowdb, files / "cdr.pgpass", line.encode())
        yield
    finally:
        psql(flowdb.dsn(), "DROP DATABASE warehouse WITH (FORCE); DROP ROLE IF EXISTS flowdb_reader")


def warehouse(flowdb: RunningFlowDB) -> str:
    return flowdb.dsn().removesuffix("/flowdb") + "/warehouse"


@contextmanager
def csv_file(flowdb: RunningFlowDB, files: Path, run: Run) -> Iterator[None]:
    write_csv(files / "calls_20240301.csv")
    yield


@contextmanager
def compressed_file(flowdb: RunningFlowDB, files: Path, run: Run) -> Iterator[None]:
    write_csv(files / "plain.csv")
    with (
        (files / "plain.csv").open("rb") as plain,
        gzip.open(files / "calls_20240301.csv.gz", "wb") as packed,
    ):
        shutil.copyfileobj(plain, packed)
    yield


@contextmanager
def geopackage(flowdb: RunningFlowDB, files: Path, run: Run) -> Iterator[None]:
    frame = pd.DataFrame(CALLS)
    frame["start_time"] = pd.to_datetime(frame.start_time)
    pyogrio.write_dataframe(frame, files / "calls.gpkg", layer="calls", driver="GPKG")
    yield


@contextmanager
def csv_by_ogr(flowdb: RunningFlowDB, files: Path, run: Run) -> Iterator[None]:
    write_csv(files / "calls.csv")
    yield


CDR_VOICE = """
CREATE TABLE cdr_voice (
    call_id text, direction text, start_time timestamptz, duration numeric, msisdn text, other_msisdn text,
    cell_id text, imsi text, imei text, account_holder text DEFAULT 'somebody'
);
\\copy cdr_voice (COLUMNS) FROM 'FILE' CSV HEADER
"""
SOURCES = {
    "PostgreSQL": postgresql,
    "A file": csv_file,
    "A compressed file": compressed_file,
    "A GeoPackage": geopackage,
    "A CSV file by way of OGR": csv_by_ogr,
}
