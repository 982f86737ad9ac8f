"""Asking both: the published release once for each spec, ours in every run."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import psycopg2

from flowdb.results import forget_results
from flowdb.testing import RunningFlowDB, running_flowdb
from tests.parity.answers import Kept
from tests.parity.data import load
from tests.parity.servers import OURS, PUBLISHED, Answer, Server, running_server
from tests.parity.specs import Spec, kinds_in
from tests.parity.specs.bridged import STORED

AT_ONCE = 6
DEEP = (frozenset({"mobility_classification"}), frozenset({"coalesced_location", "flows"}))
"""Kinds that the published release computes in parts where they come together: their statements at once take
PostgreSQL hours. For all others that would be slower, since it waits a second for every part."""

Say = Callable[[str], None]


@contextmanager
def filled_flowdb(seed: int) -> Iterator[tuple[RunningFlowDB, str]]:
    """Yield a FlowDB with the data, and the fingerprint of the data."""
    with running_flowdb() as flowdb:
        yield flowdb, load(flowdb, seed)


def ask_all(server: Server, specs: Mapping[str, Spec], keep: Callable[[str, Answer], None]) -> None:
    """Ask several at a time; ``keep`` gets each answer as it comes."""
    stored = server.stored_subset() if any(map(asks_for_stored, specs.values())) else ""
    pool = ThreadPoolExecutor(AT_ONCE)
    asked = {pool.submit(server.answer, with_stored(spec, stored)): name for name, spec in specs.items()}
    try:
        for future in as_completed(asked):
            try:
                answer = future.result()
            except TimeoutError as error:
                answer = Answer("failed", messages={"msg": str(error)})
            keep(asked[future], answer)
    finally:
        # Whoever interrupts a run does not wait for what has not begun.
        pool.shutdown(wait=False, cancel_futures=True)


def with_stored(value: Any, query_id: str) -> Any:
    """Put the id of the stored query into a spec, wherever it is asked for."""
    if isinstance(value, dict):
        return {name: with_stored(item, query_id) for name, item in value.items()}
    if isinstance(value, list):
        return [with_stored(item, query_id) for item in value]
    return query_id if value == STORED else value


def asks_for_stored(spec: Spec) -> bool:
    """Tell whether a spec needs the stored query."""
    return bool(with_stored(spec, "") != spec)


def ask_published(flowdb: RunningFlowDB, specs: Mapping[str, Spec], kept: Kept, log: Path, say: Say) -> None:
    """Ask the published release what it has not answered yet.

    Some different specs have the same id there, and then one of them gets the other's rows. Those are asked
    again, each time with at most one of them known to the server.
    """
    missing = {name: spec for name, spec in specs.items() if spec not in kept}
    _ask_afresh(flowdb, missing, kept, log, say, alone=False)
    shared = _sharing(specs, kept)
    for turn in range(max(map(len, shared), default=0)):
        batch = [names[turn] for names in shared if len(names) > turn]
        _ask_afresh(flowdb, {name: specs[name] for name in batch}, kept, log, say, alone=True)


def _sharing(specs: Mapping[str, Spec], kept: Kept) -> list[list[str]]:
    """Return the specs that share an id, by id, where one of them was not asked alone."""
    names: dict[str | None, list[str]] = defaultdict(list)
    for name, spec in specs.items():
        names[kept[spec].query_id].append(name)
    names.pop(None, None)
    return [
        group
        for group in names.values()
        if len(group) > 1 and not all(kept[specs[name]].alone for name in group)
    ]


def ask_ours(
    flowdb: RunningFlowDB, specs: Mapping[str, Spec], log: Path
) -> tuple[dict[str, Answer], set[str]]:
    """Return the answers of this FlowMachine, and the kinds that it knows."""
    found: dict[str, Answer] = {}
    forget(flowdb)
    with running_server(OURS, flowdb, log, in_parts=True) as server:
        ask_all(server, specs, found.__setitem__)
        return found, server.kinds()


def _ask_afresh(
    flowdb: RunningFlowDB, specs: Mapping[str, Spec], kept: Kept, log: Path, say: Say, *, alone: bool
) -> None:
    if not specs:
        return
    done: list[str] = []

    def keep(name: str, answer: Answer) -> None:
        kept[specs[name]] = attrs.evolve(answer, alone=alone)
        done.append(name)
        say(f"published {len(done)}/{len(specs)} {name}: {answer.state}, {len(answer.rows)} rows")

    for in_parts in (False, True):
        part = {name: spec for name, spec in specs.items() if _is_deep(spec) is in_parts}
        if part:
            forget(flowdb)
            with running_server(PUBLISHED, flowdb, log, in_parts=in_parts) as server:
                ask_all(server, part, keep)


def forget(flowdb: RunningFlowDB) -> None:
    """Drop what is stored of earlier queries."""
    connection = psycopg2.connect(flowdb.dsn())
    try:
        forget_results(connection)
        connection.commit()
    finally:
        connection.close()


def _is_deep(spec: Spec) -> bool:
    return any(kinds <= kinds_in(spec) for kinds in DEEP)


def named(specs: Mapping[str, Spec], patterns: Iterable[str]) -> dict[str, Spec]:
    """Return the specs whose name has one of some texts in it; all of them if there is no text."""
    wanted = tuple(patterns)
    return {name: spec for name, spec in specs.items() if not wanted or any(text in name for text in wanted)}
