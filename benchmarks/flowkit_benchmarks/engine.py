"""How fast the engine of FlowMachine is: what it accepts, plans, asks for and answers, over ZeroMQ."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import click

from flowkit_benchmarks.engine_services import Client, Services, Spec, connected, services
from flowkit_benchmarks.engine_specs import DAYS, NESTED, modal_aggregate, nested, small
from flowkit_benchmarks.figures import Figure, load, report
from flowkit_benchmarks.synthetic_data import generate

CLIENTS = 20
SMALL_QUERIES = 200
POLL_SECONDS = 0.005
CLIENT_SECONDS = 1.0
"""How long flowclient waits between polls."""

FLOWMACHINE = Path(__file__).parents[2] / "flowmachine" / ".venv" / "bin" / "flowmachine"


def _milliseconds(values: list[float]) -> tuple[float, ...]:
    return tuple(1000 * value for value in values)


def _cancel(client: Client, query_id: str) -> None:
    client.ask("cancel_query", query_id=query_id)


def accept_and_ping(running: Services, rounds: int) -> list[Figure]:
    """Time the acceptance of a spec with thousands of others, and pings meanwhile."""
    accepted, pings = [], list[float]()
    with connected(running.addresses[0]) as client:
        for number in range(rounds):
            spec, over = nested(number), threading.Event()

            def ping(over: threading.Event = over) -> None:
                with connected(running.addresses[0]) as other:
                    while not over.is_set():
                        pings.append(other.seconds("ping"))
                        time.sleep(0.001)

            pinging = threading.Thread(target=ping)
            pinging.start()
            started = time.perf_counter()
            query_id = client.start(spec)
            accepted.append(time.perf_counter() - started)
            over.set()
            pinging.join()
            _cancel(client, query_id)
    return [
        Figure(f"accept a spec with {NESTED:,} nested specs", "s", tuple(accepted), 1),
        Figure("ping while it is planned", "ms", _milliseconds(pings), 20, share=0.99),
    ]


def poll(running: Services, rounds: int) -> list[Figure]:
    """Time polls of the modal aggregate while it runs, and the whole of it."""
    polls, whole = [], []
    with connected(running.addresses[0]) as client:
        for _ in range(rounds):
            running.forget_results()
            started = time.perf_counter()
            query_id, ended = client.start(modal_aggregate()), False
            while not ended:
                before = time.perf_counter()
                ended = client.ended(query_id)
                polls.append(time.perf_counter() - before)
                time.sleep(POLL_SECONDS)
            whole.append(time.perf_counter() - started)
    return [
        Figure(f"poll a {DAYS}-day modal aggregate while it runs", "ms", _milliseconds(polls), 5),
        Figure("that aggregate from run to completed, cold", "s", tuple(whole)),
    ]


def count(running: Services, rounds: int) -> list[Figure]:
    """Count what the modal aggregate asks of FlowDB and Redis, polled as flowclient polls."""
    statements, sent, in_scripts = [], [], []
    with connected(running.addresses[0]) as client:
        for _ in range(rounds):
            running.forget_results()
            before = running.statements()
            with running.redis_traffic() as traffic:
                client.complete(modal_aggregate(), pause=CLIENT_SECONDS)
            statements.append(running.statements() - before)
            sent.append(traffic.sent)
            in_scripts.append(traffic.in_scripts)
    return [
        Figure("SQL statements for it, from run to completed", "number", tuple(statements), 60),
        Figure("Redis commands for it, from run to completed", "number", tuple(sent), 200),
        Figure("what scripts in Redis did for it besides", "number", tuple(in_scripts)),
    ]


def small_queries(running: Services, rounds: int) -> list[Figure]:
    """Time small queries, new and stored, one after the other."""
    new, stored = list[float](), list[float]()
    with connected(running.addresses[0]) as client:
        client.complete(next(small()))  # places the cells, which is done once
        for spec in islice(small(), 1, 1 + 10 * rounds):
            for seconds in (new, stored):
                started = time.perf_counter()
                client.complete(spec)
                seconds.append(time.perf_counter() - started)
    return [
        Figure("a trivial query from run to completed", "ms", _milliseconds(new), 50),
        Figure("one that is stored", "ms", _milliseconds(stored), 10),
    ]


def throughput(running: Services, rounds: int) -> list[Figure]:
    """Time many small queries of many clients at all servers."""
    specs = list(islice(small(), SMALL_QUERIES))
    shares = [specs[number::CLIENTS] for number in range(CLIENTS)]

    def run(number: int, share: list[Spec]) -> list[float]:
        each = []
        with connected(running.addresses[number % len(running.addresses)]) as client:
            for spec in share:
                started = time.perf_counter()
                client.complete(spec, pause=0.02)
                each.append(time.perf_counter() - started)
        return each

    whole, single = [], list[float]()
    for _ in range(rounds):
        running.forget_results()
        started = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            for each in pool.map(run, range(CLIENTS), shares):
                single += each
        whole.append(time.perf_counter() - started)
    name = f"{SMALL_QUERIES} small queries, {CLIENTS} clients, {len(running.addresses)} servers"
    return [
        Figure(name, "s", tuple(whole)),
        Figure("each of them, while the others run", "ms", _milliseconds(single)),
    ]


PARTS = {
    "accept": accept_and_ping,
    "poll": poll,
    "count": count,
    "small": small_queries,
    "throughput": throughput,
}


@click.command()
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(min=1, max=9))
@click.option("--only", multiple=True, type=click.Choice(list(PARTS)), help="Measure this; can be repeated.")
@click.option("--subscribers", default=2000, show_default=True, type=click.IntRange(min=100))
@click.option("--events", default=10_000, show_default=True, help="Calls a day, and as many messages.")
@click.option("--servers", default=2, show_default=True, type=click.IntRange(min=1))
@click.option("--flowmachine", default=FLOWMACHINE, type=click.Path(path_type=Path, exists=True))
@click.option("--directory", type=click.Path(path_type=Path, exists=True), help="Where FlowDB may write.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures as JSON.")
def main(
    rounds: int,
    only: tuple[str, ...],
    subscribers: int,
    events: int,
    servers: int,
    flowmachine: Path,
    directory: Path | None,
    file: Path | None,
) -> None:
    """Measure FlowMachine servers of their own, on 28 days of a small synthetic country."""
    at_start = load()
    with services(flowmachine, directory, servers) as running:
        generate(
            running.flowdb,
            *("--generator", "sql", "--days", str(DAYS), "--subscribers", str(subscribers)),
            *("--calls", str(events), "--sms", str(events), "--mds", "0", "--cells", "500"),
        )
        figures = [figure for name in only or PARTS for figure in PARTS[name](running, rounds)]
    report(figures, at_start, file)


if __name__ == "__main__":
    main()
