"""Several clients that ask all the time, know the right answers, and note whatever else they get."""

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
from api import Api
from definitions import released
from specs import Spec

ANSWERS = Mapping[tuple[Any, ...], int]

# What a client may be told while a service is away, or after it has come back and has forgotten something.
TOLD = {
    503: {"flowmachine_unavailable", "flowdb_unavailable", "redis_unavailable", "shutting_down"},
    504: {"flowmachine_timeout", "flowdb_timeout"},
    500: {"query_errored", "query_cancelled", "query_resetting"},
    404: {"query_not_running", "unknown_query", "result_not_stored"},
    403: {"query_errored"},
}


class WrongAnswerError(AssertionError):
    """A client was told something that is not so, or nothing in time."""


class Load:
    """Clients, each in a thread of its own, from the beginning of a ``with`` block to its end.

    Parameters
    ----------
    url, headers
        Where FlowAPI answers, and what to send with each request.
    expected
        Specs, and the rows that each must give.
    clients
        How many ask at the same time.

    Attributes
    ----------
    seen
        How often what came: ``right`` results, and the codes of errors.
    """

    def __init__(
        self, url: str, headers: dict[str, str], expected: list[tuple[Spec, ANSWERS]], clients: int
    ) -> None:
        self.seen: Counter[str] = Counter()
        self._url = url
        self._headers = headers
        self._expected = expected
        self._wrong: list[BaseException] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(seed,)) for seed in range(clients)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in self._threads), "a client waits for ever"
        if self._wrong:
            raise self._wrong[0]

    def wait_for_results(self, number: int, seconds: float = 60) -> None:
        """Return when so many more results have come, all of them right."""
        wanted, deadline = self.seen["right"] + number, time.monotonic() + seconds
        while self.seen["right"] < wanted and not self._wrong:
            assert time.monotonic() < deadline, f"it does not recover: {self.seen}"
            time.sleep(0.05)

    def wait_for_errors(self, number: int, seconds: float = 60) -> None:
        """Return when so many more requests have failed."""
        errors = lambda: self.seen.total() - self.seen["right"]  # noqa: E731
        wanted, deadline = errors() + number, time.monotonic() + seconds
        while errors() < wanted and not self._wrong:
            assert time.monotonic() < deadline, f"nobody noticed: {self.seen}"
            time.sleep(0.05)

    def _ask(self, seed: int) -> None:
        choose = random.Random(seed)  # noqa: S311  which query to send
        api = Api(self._url, self._headers)
        try:
            while not self._stop.is_set():
                spec, rows = choose.choice(self._expected)
                self._ask_once(api, spec, rows)
        except BaseException as error:  # noqa: BLE001  the main thread raises it
            self._wrong.append(error)
        finally:
            api.client.close()

    def _ask_once(self, api: Api, spec: Spec, rows: ANSWERS) -> None:
        try:
            started = api.run(spec)
            if started.status_code != 202:
                return self._note(started)
            query_id = started.json()["query_id"]
            polled = api.wait(query_id)
            if polled.status_code != 303:
                return self._note(polled)
            while (got := api.get(f"get/{query_id}")).status_code == 202:
                # Another client had it run again, which FlowMachine does if it lost track of the result.
                self.seen["not yet"] += 1
                time.sleep(0.05)
        except (httpx.RemoteProtocolError, httpx.ReadError):
            # The connection was broken off, so that nothing looked whole.
            self.seen["broken off"] += 1
            return None
        if got.status_code != 200:
            return self._note(got)
        if released(got.json()["query_result"]) != rows:
            raise WrongAnswerError(f"{spec} gave {got.text[:500]}")
        self.seen["right"] += 1
        return None

    def _note(self, response: httpx.Response) -> None:
        body = response.json()
        if body.get("code") not in TOLD.get(response.status_code, set()):
            raise WrongAnswerError(f"{response.request.url}: {response.status_code} {response.text[:500]}")
        self.seen[body["code"]] += 1
        time.sleep(0.05)
