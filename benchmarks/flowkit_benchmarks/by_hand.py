"""SQL written by hand that gives the rows of a query: read, filled in and timed.

A file ``optimal/NAME.sql`` is one select. In it, ``%(d1)s`` … ``%(d8)s`` are days. What is written once and
used often is put in: ``/* places */`` is the file ``optimal/places.sql``, and what stands between
``/* each of d1 to d7 */`` and ``/* end */`` is written for each of the days, ``UNION ALL`` between them, with
``%(day)s`` for the day and ``%(next)s`` for the one after it. Such blocks may not hold others.
"""

import re
import time
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from psycopg2 import sql

from flowdb.database import connect
from flowdb.settings import ConnectionSettings

Rows = list[tuple[Any, ...]]

_KEEP = sql.SQL("CREATE TEMPORARY TABLE by_hand ON COMMIT DROP AS {}")

_BLOCK = re.compile(r"/\* each of d(?P<first>\d) to d(?P<last>\d) \*/(?P<body>.*?)/\* end \*/", re.DOTALL)


def _each_day(block: re.Match[str]) -> str:
    days = range(int(block["first"]), int(block["last"]) + 1)
    return "UNION ALL".join(
        block["body"].replace("%(day)s", f"%(d{day})s").replace("%(next)s", f"%(d{day + 1})s") for day in days
    )


def fill(text: str, places: str) -> str:
    """Write out a statement: the places, and a block for each of its days."""
    return _BLOCK.sub(_each_day, text.replace("/* places */", places))


def statement(name: str) -> str:
    """Return the statement of that name, with the days as parameters."""
    folder = files("flowkit_benchmarks") / "optimal"
    texts = [(folder / f"{file}.sql").read_text("utf-8") for file in (name, "places")]
    return fill(*texts)


def run(settings: ConnectionSettings, text: str, days: Mapping[str, str]) -> tuple[float, Rows]:
    """Put the rows of a statement into a temporary table; return how long that took, and the rows."""
    with connect(settings) as connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'UTC'")
        started = time.perf_counter()
        cursor.execute(_KEEP.format(sql.SQL(text)), days)
        seconds = time.perf_counter() - started
        cursor.execute("TABLE by_hand")
        return seconds, cursor.fetchall()
