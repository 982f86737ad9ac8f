"""What was sent and answered, and what must not have been."""

import sys
from collections import Counter
from typing import Any

import attrs


def say(line: str = "") -> None:
    """Write a line at once, for whoever watches."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@attrs.define
class Findings:
    """Counts of requests by operation, kind of token and status, and violations by text."""

    answers: Counter[tuple[str, str, int]] = attrs.Factory(Counter)
    runs: Counter[tuple[str, bool]] = attrs.Factory(Counter)
    ends: Counter[str] = attrs.Factory(Counter)
    violations: dict[str, list[Any]] = attrs.Factory(dict)

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return self.answers.total()

    def violated(self, what: str, *details: Any) -> None:
        """Note something that must not be."""
        self.violations.setdefault(what, []).append(details)

    def accepted(self) -> int:
        """How many specs were accepted that the full token sent."""
        return sum(number for (_, accepted), number in self.runs.items() if accepted)

    def report(self) -> None:
        """Print the tables and the verdict."""
        say(f"\n{'operation':<50}{'token':<16}answers by status")
        for operation, kind in sorted({key[:2] for key in self.answers}):
            found = sorted((key[2], n) for key, n in self.answers.items() if key[:2] == (operation, kind))
            say(f"{operation:<50}{kind:<16}{'  '.join(f'{status}: {n}' for status, n in found)}")
        say(f"\n{'kind of query':<46}{'sent':>6}{'accepted':>10}{'share':>8}")
        for kind in sorted({kind for kind, _ in self.runs}):
            yes, no = self.runs[kind, True], self.runs[kind, False]
            say(f"{kind:<46}{yes + no:>6}{yes:>10}{yes / (yes + no):>8.0%}")
        total = self.runs.total()
        say(f"{'all':<46}{total:>6}{self.accepted():>10}{self.accepted() / max(1, total):>8.0%}")
        say(f"\nAccepted queries ended: {dict(self.ends)}")
        for what, instances in self.violations.items():
            say(f"\nVIOLATION ({len(instances)} times): {what}")
            for detail in instances[0]:
                say(f"    {str(detail)[:2000]}")
        verdict = "FAILED" if self.violations else "passed"
        say(f"\n{verdict}: {self.requests} requests, {len(self.violations)} kinds of violations.")
