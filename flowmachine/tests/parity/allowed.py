"""What may hold of two answers instead of equality, for the rules about deliberate differences."""

from typing import Any

import attrs

from tests.parity.comparing import is_part, values
from tests.parity.servers import Answer
from tests.parity.specs import Spec, kinds_in


@attrs.frozen
class Case:
    """A spec and both answers."""

    spec: Spec
    published: Answer
    ours: Answer

    @property
    def kind(self) -> Any:
        """The kind of the query."""
        return self.spec.get("query_kind")

    @property
    def kinds(self) -> set[str]:
        """Every kind in the spec."""
        return kinds_in(self.spec)

    @property
    def both_completed(self) -> bool:
        """Whether both gave rows."""
        return self.published.state == self.ours.state == "completed"


def only_ours_completed(case: Case) -> bool:
    return case.ours.state == "completed" and case.published.state in ("failed", "errored")


def fewer_rows(case: Case) -> bool:
    return case.both_completed and is_part(case.ours, case.published)


def has(value: Any, field: str) -> bool:
    """Tell whether a field is set anywhere in a spec."""
    if isinstance(value, dict):
        return value.get(field) is not None or any(has(item, field) for item in value.values())
    return isinstance(value, list) and any(has(item, field) for item in value)


def whole_days(spec: Spec) -> bool:
    return all(len(str(spec[end])) == len("2016-01-01") for end in ("start_date", "end_date"))


def whole_days_are_sums(case: Case) -> bool:
    """Check that ours are sums of what is published, and that what else ours has is of the last day."""
    if not case.both_completed:
        return False
    published, ours = values(case.published), values(case.ours)
    sums = {group: sum(number for (number,) in rows) for group, rows in published.items()}
    last = {date for _, date, *_ in ours.keys() - sums.keys()}
    agree = all(group in ours and [[number]] == ours[group] for group, number in sums.items())
    return agree and all(str(case.spec["end_date"]).startswith(date) for date in last)


def only_the_last_bin_has_more(case: Case) -> bool:
    if not case.both_completed:
        return False
    if values(case.published).keys() != values(case.ours).keys():
        return False
    last = max(edges for edges in values(case.ours))
    rest = [
        {edges: rows for edges, rows in values(answer).items() if edges != last}
        for answer in (case.published, case.ours)
    ]
    (published,), (ours,) = (values(answer)[last] for answer in (case.published, case.ours))
    return rest[0] == rest[1] and published < ours


def same_groups(case: Case) -> bool:
    return case.both_completed and values(case.published).keys() == values(case.ours).keys()


def same_text_later(case: Case) -> bool:
    texts = case.published.messages.get("subscriber_subset", ["?"])
    return case.ours.state == "failed" and texts[0] in str(case.ours.messages)


def totals_are_near(case: Case) -> bool:
    """Compare how many were sampled: which ones depends on the order of rows on disk."""
    if not case.both_completed:
        return False
    one, other = (
        sum(row[0] for rows in values(answer).values() for row in rows)
        for answer in (case.published, case.ours)
    )
    return abs(one - other) <= 0.2 * max(one, other)


def is_median_of_balances(value: Any) -> bool:
    if isinstance(value, dict):
        own = value.get("query_kind") == "topup_balance" and value.get("statistic") == "median"
        return own or any(map(is_median_of_balances, value.values()))
    return False


def same_groups_or_total(case: Case) -> bool:
    """Check what does not depend on the values: the places, or how many subscribers all bins have."""
    if case.kind != "histogram_aggregate":
        return same_groups(case)
    totals = [sum(row[0] for row in answer.rows) for answer in (case.published, case.ours)]
    return case.both_completed and totals[0] == totals[1]


def all_is_night(case: Case) -> bool:
    nights = case.spec["metric"].get("night_hours", {})
    return case.kind == "joined_spatial_aggregate" and nights.get("start_hour", 1) < nights.get("end_hour", 0)


def everything_was_published(case: Case) -> bool:
    every = [number for rows in values(case.published).values() for (number,) in rows]
    return same_groups(case) and all(number == 100 for number in every)


def light_rows_are_new(case: Case) -> bool:
    """Check that what is published is ours too, and that what else ours has is of little weight."""
    if not case.both_completed or not is_part(case.published, case.ours):
        return False
    published, ours = values(case.published), values(case.ours)
    return all(number <= 15 for key in ours.keys() - published.keys() for (number,) in ours[key])


def pairs_with_nowhere_are_new(case: Case) -> bool:
    """Check that what is published is ours too, and that what else ours has is from or to nowhere."""
    if not case.both_completed or not is_part(case.published, case.ours):
        return False
    places = [n for n, name in enumerate(case.ours.columns) if name.endswith(("_from", "_to"))]
    new = values(case.ours).keys() - values(case.published).keys()
    return all(any(key[n] is None for n in places) for key in new)


def pairs_in_line_are_new(case: Case) -> bool:
    """Check that what is published is ours too, and that what else ours has is between places in line."""
    if not case.both_completed or not is_part(case.published, case.ours):
        return False
    new = values(case.ours).keys() - values(case.published).keys()
    return all((key[0] == key[2]) is not (key[1] == key[3]) for key in new)


def totals_agree(case: Case) -> bool:
    if not case.both_completed:
        return False
    totals = [sum(row[-1] for row in answer.rows) for answer in (case.published, case.ours)]
    return abs(totals[0] - totals[1]) <= 0.01 * max(totals)
