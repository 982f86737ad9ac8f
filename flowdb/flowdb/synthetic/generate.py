"""Filling FlowDB with a synthetic country."""

import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from flowdb.database import connect
from flowdb.settings import ConnectionSettings
from flowdb.synthetic.behaviour import events_of_day
from flowdb.synthetic.infrastructure import make_infrastructure
from flowdb.synthetic.load import load_day
from flowdb.synthetic.network import Network, read_network, read_regions
from flowdb.synthetic.parameters import CDR_TYPES, Parameters
from flowdb.synthetic.people import People, populate

MOST_WORKERS = 8


@dataclass(frozen=True)
class Progress:
    """How far a run is: what was just loaded, how many of all loads are done, and how long the rest takes."""

    cdr_type: str
    day: date
    rows: int
    done: int
    total: int
    seconds_left: float


def generate(
    settings: ConnectionSettings,
    parameters: Parameters,
    report: Callable[[Progress], None],
    replace: bool = False,
    workers: int | None = None,
) -> int:
    """Load the days that are not there yet; return the number of rows loaded.

    Parameters
    ----------
    settings
        How to reach FlowDB.
    parameters
        What to make.
    report
        Called after every day and type.
    replace
        Whether to load days again that are there already.
    workers
        How many days are loaded side by side; by default as many as there are processors, up to 8.
    """
    with connect(settings) as connection:
        regions = read_regions(connection)
        if read_network(connection) is None:
            make_infrastructure(connection, regions, parameters)
        network = read_network(connection)
        if network is None:
            raise AssertionError("the network was made above")
        wanted = [(day, kind) for day in parameters.dates for kind in CDR_TYPES if parameters.events_of(kind)]
        there = set() if replace else _loaded_days(connection)
        todo = [each for each in wanted if each not in there]
    if not todo:
        return 0
    people = populate(network, regions, parameters)
    began, rows = time.monotonic(), 0
    with ThreadPoolExecutor(workers or min(os.cpu_count() or 1, MOST_WORKERS)) as pool:
        jobs: dict[Future[int], tuple[date, str]] = {
            pool.submit(_load, settings, parameters, people, network, *each, replace): each for each in todo
        }
        try:
            for done, job in enumerate(as_completed(jobs), start=1):
                day, cdr_type = jobs[job]
                rows += job.result()
                left = (time.monotonic() - began) / done * (len(todo) - done)
                report(Progress(cdr_type, day, job.result(), done, len(todo), left))
        except BaseException:
            # Days that have not begun are not worth waiting for.
            pool.shutdown(cancel_futures=True)
            raise
    with connect(settings) as connection, connection.cursor() as cursor:
        for cdr_type in sorted({kind for _, kind in todo}):
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier("events", cdr_type)))
    return rows


def _load(
    settings: ConnectionSettings,
    parameters: Parameters,
    people: People,
    network: Network,
    day: date,
    cdr_type: str,
    replace: bool,
) -> int:
    rows = events_of_day(people, network, parameters, day, cdr_type)
    with connect(settings) as connection:
        return load_day(connection, cdr_type, day, rows, people, network, replace)


def _loaded_days(connection: Connection) -> set[tuple[date, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cdr_date, cdr_type FROM etl.available_dates")
        return {(day, kind) for day, kind in cursor.fetchall()}
