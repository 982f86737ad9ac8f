"""``python -m tests.parity.ties``: how answers differ where subscribers have events at the same instant.

The same data as for the parity test, but with times cut to the minute. Both releases are asked, once with
everybody and once without the subscribers who have events at one instant in different places; in between,
each answer is compared with all those that follow the definition, in plain Python.
"""

import argparse
import datetime as dt
import json
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs
import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from flowdb.testing import RunningFlowDB, running_flowdb
from tests.parity import tied_meaning as meaning
from tests.parity.asking import ask_all, forget
from tests.parity.comparing import differences
from tests.parity.data import FIRST, load
from tests.parity.servers import OURS, PUBLISHED, Answer, running_server
from tests.parity.specs.parts import Spec, daily, modal
from tests.parity.tied_meaning import Pair, Visits

THRESHOLD = 15
DAYS = [FIRST + dt.timedelta(days=number) for number in range(6)]
_TYPES = {"event_types": ["calls", "sms"]}
SPECS: dict[str, Spec] = {
    "flows_two_days": {
        "query_kind": "flows", "from_location": daily(1, **_TYPES), "to_location": daily(2, **_TYPES),
    },
    "flows_modal": {
        "query_kind": "flows", "from_location": modal(1, 2, 3, **_TYPES),
        "to_location": modal(4, 5, 6, **_TYPES),
    },
    "consecutive_trips": {
        "query_kind": "consecutive_trips_od_matrix", "start_date": "2016-01-01", "end_date": "2016-01-03",
        "aggregation_unit": "admin3", **_TYPES,
    },
    "trips": {
        "query_kind": "trips_od_matrix", "start_date": "2016-01-01", "end_date": "2016-01-03",
        "aggregation_unit": "admin3", **_TYPES,
    },
}  # fmt: skip
"""As those that speeds are compared by, over fewer days; and trips, to which ties make no difference."""


@attrs.frozen
class Asked:
    """What a release answers: to the specs, and where each subscriber was last on the first day."""

    answers: Mapping[str, Answer]
    located: Mapping[str, str]


def ask(flowdb: RunningFlowDB, program: Path, log: Path) -> Asked:
    """Ask one release."""
    answers: dict[str, Answer] = {}
    forget(flowdb)
    with running_server(program, flowdb, log, in_parts=True) as server:
        ask_all(server, SPECS, answers.__setitem__)
        return Asked(answers, json.loads(server.analyse("locating.py", DAYS[0].isoformat())))


Versions = Mapping[str, Sequence[tuple[dt.date, dt.date, str | None]]]
"""Of each cell: from when to when it was in a region, or in none."""


def versions(cursor: Cursor) -> Versions:
    """Read where each cell was, and when."""
    cursor.execute(
        "SELECT id, coalesce(date_of_first_service, '0001-01-01'), "
        "coalesce(date_of_last_service, '9999-12-31'), admin3pcod "
        "FROM infrastructure.cells LEFT JOIN geography.admin3 ON ST_Within(geom_point, geom)"
    )
    found = defaultdict(list)
    for cell, start, end, pcod in cursor.fetchall():
        found[cell].append((start, end, pcod))
    return found


def region(known: Versions, cell: str | None, day: dt.date) -> str | None:
    """Return the region that a cell was in on a day."""
    places = {pcod for start, end, pcod in known.get(cell or "", ()) if start <= day <= end}
    if len(places) > 1:
        raise RuntimeError(f"Cell {cell} is in {places} on {day}, which is not reckoned with here.")
    return next(iter(places), None)


def visits(flowdb: RunningFlowDB) -> Visits:
    """Read when and where each subscriber had calls and messages."""
    with psycopg2.connect(flowdb.dsn()) as connection, connection.cursor() as cursor:
        known, found = versions(cursor), defaultdict(list)
        cursor.execute(
            "SELECT msisdn, datetime AT TIME ZONE 'UTC', location_id FROM events.calls "
            "UNION ALL SELECT msisdn, datetime AT TIME ZONE 'UTC', location_id FROM events.sms"
        )
        for who, when, cell in cursor.fetchall():
            pcod = region(known, cell, when.date())
            if pcod is not None:
                found[who].append((when, pcod))
    connection.close()
    return found


def tied(seen: Visits) -> set[str]:
    """Return the subscribers with events at one instant in different places."""
    return {
        who
        for who, own in seen.items()
        if any(number > 1 for number in Counter(when for when, _ in set(own)).values())
    }


def remove(flowdb: RunningFlowDB, people: set[str]) -> None:
    """Delete the calls and messages of some subscribers."""
    with psycopg2.connect(flowdb.dsn()) as connection, connection.cursor() as cursor:
        for name in ("calls", "sms"):
            statement = sql.SQL("DELETE FROM {} WHERE msisdn = ANY(%s)")
            cursor.execute(statement.format(sql.Identifier("events", name)), [sorted(people)])
    connection.close()


Bounds = Mapping[Pair, tuple[int, int]]


def expected(seen: Visits) -> dict[str, tuple[Bounds, Bounds]]:
    """Return what each spec's counts may be by the definition, and what they are by the documented rule."""
    days = [meaning.last(seen, day) for day in DAYS]
    own = [meaning.first(day) for day in days]
    moves = meaning.on(seen, *DAYS[:2])
    answers = {
        "flows_two_days": [meaning.flows(these[0], these[1]) for these in (days, own)],
        "flows_modal": [
            meaning.flows(meaning.modal(these[:3]), meaning.modal(these[3:])) for these in (days, own)
        ],
        "consecutive_trips": [meaning.consecutive(moves), meaning.in_order(moves)],
    }
    return {name: tuple(map(meaning.bounds, pair)) for name, pair in answers.items()}


def outside(answer: Answer, bounds: Bounds) -> int:
    """Count the pairs whose number, or whose absence, no order of simultaneous events explains."""
    released = {(start, end): number for start, end, number in answer.rows}
    wrong = [pair for pair, number in released.items() if not _may_be(number, bounds.get(pair, (0, 0)))]
    missing = [pair for pair, (least, _) in bounds.items() if least > THRESHOLD and pair not in released]
    return len(wrong) + len(missing)


def _may_be(number: int, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= number <= bounds[1] and number > THRESHOLD


Said = tuple[str, int]
"""A line of the report, and how much of what it says is not explained."""


def compare(flowdb: RunningFlowDB, log: Path) -> Iterator[Said]:
    """Ask both, and yield the report."""
    seen = visits(flowdb)
    people = tied(seen)
    yield f"{len(seen)} subscribers, {len(people)} with events at one instant in different places", 0
    published, ours = (ask(flowdb, program, log) for program in (PUBLISHED, OURS))
    yield from _locations(seen, published.located, ours.located)
    for name, (bounds, rule) in expected(seen).items():
        one, other = published.answers[name], ours.answers[name]
        wrong = [outside(one, bounds), outside(other, bounds), outside(other, rule)]
        yield (
            f"{name}: {_compared(one, other)}; by no order of simultaneous events "
            f"{wrong[0]} published and {wrong[1]} of ours; not by the rule {wrong[2]} of ours",
            sum(wrong),
        )
    yield _equal("trips", published, ours)
    remove(flowdb, people)
    published, ours = (ask(flowdb, program, log) for program in (PUBLISHED, OURS))
    yield f"Without these {len(people)} subscribers:", 0
    yield from (_equal(name, published, ours) for name in SPECS)


def _compared(one: Answer, other: Answer) -> str:
    return f"{len(one.rows)} and {len(other.rows)} rows, {len(differences(one, other))} differ"


def _equal(name: str, published: Asked, ours: Asked) -> Said:
    one, other = published.answers[name], ours.answers[name]
    return f"{name}: {_compared(one, other)}", len(differences(one, other))


def _locations(seen: Visits, published: Mapping[str, str], ours: Mapping[str, str]) -> Iterator[Said]:
    may_be = meaning.last(seen, DAYS[0])
    other = sorted(who for who in may_be if published.get(who) != ours.get(who))
    several = sum(len(places) > 1 for places in may_be.values())
    wrong = [sum(own.get(who) not in places for who, places in may_be.items()) for own in (published, ours)]
    wrong.append(sum(ours.get(who) != places[0] for who, places in may_be.items()))
    yield (
        f"last location: {len(may_be)} subscribers, {several} with several last places, {len(other)} differ; "
        f"in no last place {wrong[0]} published and {wrong[1]} of ours; not by the rule {wrong[2]} of ours",
        sum(wrong),
    )
    for number, who in enumerate(other[:3], 1):
        latest = max(when for when, _ in meaning.on(seen, DAYS[0])[who])
        yield (
            f"    subscriber {number}: last at {latest:%H:%M:%S}, in each of {', '.join(may_be[who])}; "
            f"published {published[who]}, ours {ours[who]}",
            0,
        )


def main() -> int:
    """Run, print what was found, and return 1 if ties do not explain it all."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.ties", description=__doc__)
    parser.add_argument("--seed", type=int, default=7, help="of the data")
    parser.add_argument("--precision", choices=["second", "minute", "hour"], default="minute")
    parser.add_argument("--events", type=int, help="calls a day, and as many messages")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ties-") as directory, running_flowdb() as flowdb:
        load(flowdb, given.seed, given.precision, given.events)
        unexplained = 0
        for line, number in compare(flowdb, Path(directory) / "log"):
            unexplained += number
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
