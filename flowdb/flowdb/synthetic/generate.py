"""Filling FlowDB with a synthetic country."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812

from flowdb.database import connect
from flowdb.settings import ConnectionSettings
from flowdb.synthetic.day import load_day
from flowdb.synthetic.generator import Generator
from flowdb.synthetic.infrastructure import make_infrastructure
from flowdb.synthetic.network import Network, read_network, read_regions
from flowdb.synthetic.parameters import CDR_TYPES, ParameterError, Parameters


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
        The most days that are loaded side by side; by default as many as suit the generator.
    """
    with _alone(settings):
        return _generate(settings, parameters, report, replace, workers)


@contextmanager
def _alone(settings: ConnectionSettings) -> Iterator[None]:
    """Refuse to work beside another run: both would make the same tables."""
    with connect(settings, autocommit=True) as connection, connection.cursor() as cursor:
        # Held until the connection ends, however that comes about.
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('flowdb generate'))")
        if cursor.fetchone() != (True,):
            raise ParameterError("Another 'flowdb generate' is at work on this database: wait until it ends.")
        yield


def _generate(
    settings: ConnectionSettings,
    parameters: Parameters,
    report: Callable[[Progress], None],
    replace: bool,
    workers: int | None,
) -> int:
    with connect(settings) as connection:
        regions = read_regions(connection)
        network = _network(connection, parameters)
        wanted = [(day, kind) for day in parameters.dates for kind in CDR_TYPES if parameters.events_of(kind)]
        there = set() if replace else _loaded_days(connection)
        todo = [each for each in wanted if each not in there]
    if not todo:
        return 0
    generator = _generator(parameters)
    generator.workers = min(generator.workers, workers or generator.workers)
    try:
        with connect(settings) as connection:
            generator.prepare(connection, regions, network)
        rows = _load(settings, generator, todo, report, replace)
    finally:
        with connect(settings) as connection:
            generator.finish(connection)
    with connect(settings) as connection, connection.cursor() as cursor:
        for cdr_type in sorted({kind for _, kind in todo}):
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier("events", cdr_type)))
    return rows


def _generator(parameters: Parameters) -> Generator:
    if parameters.generator == "python":
        from flowdb.synthetic.python.generator import PythonGenerator

        return PythonGenerator(parameters)
    from flowdb.synthetic.sql.generator import SqlGenerator

    return SqlGenerator(parameters)


def _network(connection: Connection, parameters: Parameters) -> Network:
    network = read_network(connection)
    if network is None:
        make_infrastructure(connection, read_regions(connection), parameters)
        network = read_network(connection)
    if network is None:
        raise AssertionError("the network was made above")
    return network


def _load(
    settings: ConnectionSettings,
    generator: Generator,
    todo: list[tuple[date, str]],
    report: Callable[[Progress], None],
    replace: bool,
) -> int:
    def load(day: date, cdr_type: str) -> int:
        with connect(settings) as connection:
            return load_day(
                connection,
                cdr_type,
                day,
                lambda cursor, table: generator.write_day(cursor, table, cdr_type, day),
                generator.indexed(cdr_type),
                replace,
            )

    began, rows = time.monotonic(), 0
    with ThreadPoolExecutor(generator.workers) as pool:
        jobs: dict[Future[int], tuple[date, str]] = {pool.submit(load, *each): each for each in todo}
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
    return rows


def _loaded_days(connection: Connection) -> set[tuple[date, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cdr_date, cdr_type FROM etl.available_dates")
        return {(day, kind) for day, kind in cursor.fetchall()}
