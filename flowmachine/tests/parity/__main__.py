"""``python -m tests.parity``: compare all specs, or those whose names have one of the given texts."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from tests.parity.answers import Kept
from tests.parity.asking import ask_ours, ask_published, filled_flowdb, named
from tests.parity.report import Report
from tests.parity.servers import CHECKOUT
from tests.parity.specs import SPECS, Spec

ANSWERS = CHECKOUT / "flowmachine" / ".cache" / "parity.json"


def say(line: str) -> None:
    """Write a line at once, for whoever watches."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def compare(specs: dict[str, Spec], seed: int, answers: Path, logs: Path) -> Report:
    """Ask both over the same data, one after the other, and compare.

    Each finds no results of the other's, and has a Redis of its own.
    """
    with filled_flowdb(seed) as (flowdb, data):
        say(f"Data {data} of seed {seed}; {len(specs)} specs")
        kept = Kept(answers, data)
        ask_published(flowdb, specs, kept, logs / "published.log", say)
        found, known = ask_ours(flowdb, specs, logs / "ours.log")
    report = Report()
    for name, spec in specs.items():
        report.judge(name, spec, kept[spec], found[name], known)
    return report


def main() -> int:
    """Run, and return 1 if something is not explained."""
    # What was started ends with the program, however that ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    given = arguments()
    given.answers.parent.mkdir(parents=True, exist_ok=True)
    specs = named(SPECS, given.names)
    if given.again:
        Kept.forget(given.answers, specs.values())
    with tempfile.TemporaryDirectory(prefix="parity-") as directory:
        logs = given.logs or Path(directory)
        logs.mkdir(parents=True, exist_ok=True)
        report = compare(specs, given.seed, given.answers, logs)
    if given.report:
        report.write(given.report)
    for line in report.lines:
        say(line)
    return 1 if report.unexplained or report.unknown else 0


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity", description=__doc__)
    parser.add_argument("names", nargs="*", help="texts of which a spec's name must have one; by default all")
    parser.add_argument("--seed", type=int, default=7, help="of the data")
    parser.add_argument("--answers", type=Path, default=ANSWERS, help="file that keeps the published answers")
    parser.add_argument("--again", action="store_true", help="ask the published release again")
    parser.add_argument("--report", type=Path, help="file for the whole report, as JSON")
    parser.add_argument("--logs", type=Path, help="directory for the servers' logs")
    return parser.parse_args()


sys.exit(main())
