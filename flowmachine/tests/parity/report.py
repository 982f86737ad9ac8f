"""What a run found: specs with equal answers, with differences that a rule explains, with others."""

import json
from collections import Counter
from pathlib import Path

import attrs

from tests.parity.allowed import Case
from tests.parity.comparing import differences
from tests.parity.deliberate import RULES, rules_for
from tests.parity.servers import Answer
from tests.parity.specs import NO_KIND, Spec, kinds_in

_SHOWN = 5


@attrs.define
class Report:
    """The outcome of each spec."""

    equal: list[str] = attrs.Factory(list)
    explained: dict[str, str] = attrs.Factory(dict)
    unexplained: dict[str, list[str]] = attrs.Factory(dict)
    unknown: dict[str, list[str]] = attrs.Factory(dict)

    def judge(self, name: str, spec: Spec, published: Answer, ours: Answer, known: set[str]) -> None:
        """Compare two answers to a spec, of kinds of which ours knows some."""
        if missing := kinds_in(spec) - known - {NO_KIND}:
            self.unknown[name] = sorted(missing)
            return
        found = differences(published, ours)
        if not found:
            self.equal.append(name)
            return
        case = Case(spec, published, ours)
        rules = rules_for(case)
        holding = next((rule for rule in rules if rule.holds(case)), None)
        if holding is not None:
            self.explained[name] = holding.name
        else:
            broken = [f"not even as the rule '{rule.name}' allows" for rule in rules]
            self.unexplained[name] = [*broken, *found]

    @property
    def lines(self) -> list[str]:
        """The report, for people."""
        said = [
            f"UNEXPLAINED {name}\n    " + "\n    ".join(found[:_SHOWN])
            for name, found in self.unexplained.items()
        ]
        kinds = Counter(kind for missing in self.unknown.values() for kind in missing)
        if kinds:
            said.append(f"Kinds that ours does not know: {', '.join(sorted(kinds))}")
        of_rules = Counter(self.explained.values())
        said += [f"{of_rules[rule.name]:5} {rule.name}" for rule in RULES if of_rules[rule.name]]
        said += [
            f"{len(self.equal)} equal, {len(self.explained)} different as documented, "
            f"{len(self.unexplained)} unexplained, {len(self.unknown)} of kinds that ours does not know"
        ]
        return said

    def write(self, file: Path) -> None:
        """Write the report as JSON."""
        file.write_text(json.dumps(attrs.asdict(self), indent=1, default=str))
