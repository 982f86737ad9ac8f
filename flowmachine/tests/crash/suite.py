"""Rounds: clients submit, something is killed, everything ends, and all agree."""

import contextlib
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import redis
import sqlalchemy as sa

from flowdb.testing import running_flowdb
from tests.country import insert_events, make_country, random_events
from tests.crash.clients import SECONDS_TO_AN_END, Client, Findings, Round, Shrinker, say
from tests.crash.probe import Probe
from tests.crash.services import Services
from tests.crash.specs import DAYS, Expected

CLIENTS = 4
BACKEND = "PostgreSQL backend"
KINDS = ("server", "server with a pool of 1", BACKEND, "Redis, with data", "Redis, emptied")
T = TypeVar("T")


class Suite:
    """One run.

    Parameters
    ----------
    services : Services
        With events loaded, Redis running and no server started yet.
    seed : int
    """

    def __init__(self, services: Services, probe: Probe, seed: int) -> None:
        self.kills: Counter[str] = Counter()
        self.findings = Findings()
        self.probe = probe
        self._services = services
        self._seed = seed
        self._source = random.Random(seed)  # noqa: S311 - made-up moments, no secret
        self._shrinker = Shrinker(services, self.findings, self._random())
        self._expected = Expected(self._shrinker.engine, self._random(), number=50)
        self._clients = [self._client() for _ in range(CLIENTS)]
        self._canceller = self._client()
        self._deck: list[str] = []
        self._contents: dict[str, list[str]] = {}

    def _random(self) -> random.Random:
        return random.Random(self._source.random())  # noqa: S311 - as above

    def _client(self) -> Client:
        return Client(self._services, self._expected, self.probe, self.findings, self._random())

    def run(self, kills: int) -> None:
        """Play rounds until enough has been killed."""
        self._wait_for_servers(0)
        number = 0
        while self.kills.total() < kills:
            number += 1
            self._play(number, kills - self.kills.total())
            done = f"{self.kills.total()}/{kills} kills, {self.findings.counts['accepted']} queries accepted"
            say(f"round {number}: {done}, {len(self.findings.violations)} violations")
        self._shrinker.close()

    def _plan(self, left: int) -> list[str]:
        """Choose what dies in a round: one thing, or any two at nearly the same time."""
        chosen: list[str] = []
        for _ in range(min(left, self._source.choice([1, 2]))):
            if not self._deck:  # every kind comes up equally often
                self._deck = self._source.sample(KINDS, len(KINDS))
            chosen.append(self._deck.pop())
        return chosen

    def _play(self, number: int, left: int) -> None:
        chosen = self._plan(left)
        round_ = Round(number, errors_expected=BACKEND in chosen)
        with ThreadPoolExecutor(CLIENTS + 2) as pool:
            helpers = [
                pool.submit(self._canceller.cancel_some, round_),
                pool.submit(self._shrinker.work, round_),
            ]
            try:
                work = [
                    pool.submit(client.work, round_, self._source.randint(1, 4), self._shrinker)
                    for client in self._clients
                ]
                for kind in chosen:
                    time.sleep(self._source.random() * 1.2)
                    if self._kill(kind):
                        round_.last_kill = time.monotonic()
                        self.kills[kind] += 1
                for future in work:
                    future.result()
            finally:
                round_.over.set()
            for future in helpers:
                future.result()
        self._check(number)

    def _kill(self, kind: str) -> bool:
        services = self._services
        match kind:
            case "server":
                services.kill_server(0)
            case "server with a pool of 1":
                services.kill_server(1)
            case _ if kind == BACKEND:
                return services.kill_backend(self._source.random())
            case _:
                services.kill_redis(with_data=kind == "Redis, with data")
        return True

    def _check(self, number: int) -> None:
        """Look whether everything has come to rest, and agrees."""
        violated = self.findings.violated
        for disagreement in self._patiently(self.probe.disagreements):
            violated(f"round {number}: {disagreement} has a row or a table alone")
        self._wait_for_servers(number)
        deadline = time.monotonic() + SECONDS_TO_AN_END
        while self._patiently(self.probe.at_work):
            if time.monotonic() > deadline:
                violated(f"round {number}: sessions are still at work")
                break
            time.sleep(0.05)
        for disagreement in self._patiently(self.probe.disagreements):
            violated(f"round {number}: {disagreement} has a row or a table alone, at rest")
        for query_id in self.probe.overlaps():
            violated(f"round {number}: {query_id} was executed twice at once")
        for name, rows in self._patiently(self.probe.contents).items():
            # Inputs as well: an id stands for one set of rows, whoever makes them.
            if rows != self._contents.setdefault(name, rows):
                violated(f"round {number}: {name} has {len(rows)} rows, not {len(self._contents[name])}")
        if self._source.random() < 0.5:
            self._patiently(self._shrinker.empty)

    def _wait_for_servers(self, number: int) -> None:
        for server, process in enumerate(self._services.servers):
            deadline = time.monotonic() + SECONDS_TO_AN_END
            while True:
                if process.ended is not None:
                    self.findings.violated(f"round {number}: server {server} ended with {process.ended}")
                    process.start()
                reply = self._canceller.ask("health", server)
                if reply is not None and reply["status"] == "success":
                    break
                if time.monotonic() > deadline:
                    self.findings.violated(f"round {number}: server {server} is not well: {reply}")
                    break
                time.sleep(0.05)

    @staticmethod
    def _patiently(look: Callable[[], T]) -> T:
        """Look again while FlowDB recovers or Redis starts."""
        deadline = time.monotonic() + SECONDS_TO_AN_END
        while True:
            try:
                return look()
            except (sa.exc.OperationalError, redis.RedisError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def report(self) -> str:
        """Return the table of what was killed and seen."""
        findings = self.findings
        lines = [f"seed {self._seed}", "killed"]
        lines += [f"  {kind:<28}{self.kills[kind]:>8}" for kind in KINDS]
        lines += [f"  {'in all':<28}{self.kills.total():>8}", "queries"]
        lines += [f"  {what:<28}{number:>8}" for what, number in sorted(findings.counts.items())]
        lines += [f"  {'results stored':<28}{self.probe.stored_so_far():>8}"]
        lines += [f"  {'slowest to an end, s':<28}{findings.slowest:>8.1f}"]
        lines += ["causes of errors"] + [f"  {n:>8}  {cause}" for cause, n in findings.causes.most_common()]
        lines += [f"violations: {len(findings.violations)}"]
        return "\n".join(lines + [f"  {violation}" for violation in findings.violations])


@contextlib.contextmanager
def running_services() -> Iterator[Services]:
    """Start everything but the suite; the logs of the servers stay if it ends badly."""
    directory = Path(tempfile.mkdtemp(prefix="flowmachine-crash-"))
    with running_flowdb(FLOWDB_DURABLE=True) as flowdb:
        services = Services(flowdb, directory)
        try:
            make_country(services.superuser, DAYS)
            with services.superuser.begin() as connection:
                insert_events(connection, random_events(seed=1, number=4000, subscribers=300, days=DAYS))
            services.start()
            yield services
        finally:
            services.stop()
    shutil.rmtree(directory)


def run(kills: int, seed: int) -> Suite:
    """Play until that many processes have been killed."""
    with running_services() as services:
        probe = Probe(services.superuser, services.flowdb.data_directory / "server.log")
        probe.install()
        suite = Suite(services, probe, seed)
        suite.run(kills)
        say(suite.report())
        if suite.findings.violations:
            raise ViolationError(suite.report())
        return suite


class ViolationError(AssertionError):
    """Something happened that must not, whatever is killed."""
