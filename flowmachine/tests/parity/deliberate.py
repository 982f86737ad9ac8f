"""The deliberate differences: when one is to be expected, why, and what has to hold instead."""

from collections.abc import Callable
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


@attrs.frozen
class Rule:
    """One deliberate difference.

    Attributes
    ----------
    name : str
        What is different, as reports say it.
    why : str
    applies : function
        Whether the difference is to be expected of a case.
    holds : function
        What has to be so instead of equality.
    refused : bool
        Whether it is about specs that the published release refuses; all others are about those it accepts.
    """

    name: str
    why: str
    applies: Callable[[Case], bool]
    holds: Callable[[Case], bool]
    refused: bool = False


def rules_for(case: Case) -> list[Rule]:
    """Return the rules that apply to a case."""
    refused = case.published.state == "refused"
    return [rule for rule in RULES if rule.refused is refused and rule.applies(case)]


def _only_ours_completed(case: Case) -> bool:
    return case.ours.state == "completed" and case.published.state in ("failed", "errored")


def _fewer_rows(case: Case) -> bool:
    return case.both_completed and is_part(case.ours, case.published)


def _has(value: Any, field: str) -> bool:
    """Tell whether a field is set anywhere in a spec."""
    if isinstance(value, dict):
        return value.get(field) is not None or any(_has(item, field) for item in value.values())
    return isinstance(value, list) and any(_has(item, field) for item in value)


def _whole_days(spec: Spec) -> bool:
    return all(len(str(spec[end])) == len("2016-01-01") for end in ("start_date", "end_date"))


def _whole_days_are_sums(case: Case) -> bool:
    """Check that ours are sums of what is published, and that what else ours has is of the last day."""
    if not case.both_completed:
        return False
    published, ours = values(case.published), values(case.ours)
    sums = {group: sum(number for (number,) in rows) for group, rows in published.items()}
    last = {date for _, date, *_ in ours.keys() - sums.keys()}
    agree = all(group in ours and [[number]] == ours[group] for group, number in sums.items())
    return agree and all(str(case.spec["end_date"]).startswith(date) for date in last)


def _only_the_last_bin_has_more(case: Case) -> bool:
    if not case.both_completed:
        return False
    last = max(edges for edges in values(case.ours))
    rest = [
        {edges: rows for edges, rows in values(answer).items() if edges != last}
        for answer in (case.published, case.ours)
    ]
    (published,), (ours,) = (values(answer)[last] for answer in (case.published, case.ours))
    return rest[0] == rest[1] and published < ours


def _same_groups(case: Case) -> bool:
    return case.both_completed and values(case.published).keys() == values(case.ours).keys()


def _same_text_later(case: Case) -> bool:
    texts = case.published.messages.get("subscriber_subset", ["?"])
    return case.ours.state == "failed" and texts[0] in str(case.ours.messages)


def _totals_are_near(case: Case) -> bool:
    """Compare how many were sampled: which ones depends on the order of rows on disk."""
    if not case.both_completed:
        return False
    one, other = (
        sum(row[0] for rows in values(answer).values() for row in rows)
        for answer in (case.published, case.ours)
    )
    return abs(one - other) <= 0.2 * max(one, other)


def _is_median_of_balances(value: Any) -> bool:
    if isinstance(value, dict):
        own = value.get("query_kind") == "topup_balance" and value.get("statistic") == "median"
        return own or any(map(_is_median_of_balances, value.values()))
    return False


def _same_groups_or_total(case: Case) -> bool:
    """Check what does not depend on the values: the places, or how many subscribers all bins have."""
    if case.kind != "histogram_aggregate":
        return _same_groups(case)
    totals = [sum(row[0] for row in answer.rows) for answer in (case.published, case.ours)]
    return case.both_completed and totals[0] == totals[1]


def _all_is_night(case: Case) -> bool:
    nights = case.spec["metric"].get("night_hours", {})
    return case.kind == "joined_spatial_aggregate" and nights.get("start_hour", 1) < nights.get("end_hour", 0)


def _everything_was_published(case: Case) -> bool:
    every = [number for rows in values(case.published).values() for (number,) in rows]
    return _same_groups(case) and all(number == 100 for number in every)


def _light_rows_are_new(case: Case) -> bool:
    """Check that what is published is ours too, and that what else ours has is of little weight."""
    if not case.both_completed or not is_part(case.published, case.ours):
        return False
    published, ours = values(case.published), values(case.ours)
    return all(number <= 15 for key in ours.keys() - published.keys() for (number,) in ours[key])


def _pairs_with_nowhere_are_new(case: Case) -> bool:
    """Check that what is published is ours too, and that what else ours has is from or to nowhere."""
    if not case.both_completed or not is_part(case.published, case.ours):
        return False
    places = [n for n, name in enumerate(case.ours.columns) if name.endswith(("_from", "_to"))]
    new = values(case.ours).keys() - values(case.published).keys()
    return all(any(key[n] is None for n in places) for key in new)


def _totals_agree(case: Case) -> bool:
    if not case.both_completed:
        return False
    totals = [sum(row[-1] for row in answer.rows) for answer in (case.published, case.ours)]
    return abs(totals[0] - totals[1]) <= 0.01 * max(totals)


UNREDACTED = ("total_network_objects", "aggregate_network_objects", "dfs_metric_total_amount")

RULES: tuple[Rule, ...] = (
    Rule(
        "a dummy has an answer",
        "The published release fails to say where the rows of a dummy query are; it has none.",
        lambda case: case.kind == "dummy_query",
        lambda case: _only_ours_completed(case) and not case.ours.rows,
    ),
    Rule(
        "a position is one place",
        "The published geography by position has a row for each cell there.",
        lambda case: case.kind == "geography" and case.spec["aggregation_unit"] == "lon-lat",
        _same_groups,
    ),
    Rule(
        "an unknown subset is found when the query is planned",
        "Validation asks no database; the text is the same.",
        lambda case: "subscriber_subset" in case.published.messages,
        _same_text_later,
        refused=True,
    ),
    Rule(
        "days are calendar days, up to the end of the window",
        "The published release counts stretches of 24 hours from the start, and leaves out a last one that "
        "is not whole.",
        lambda case: case.kind == "location_event_counts" and not _whole_days(case.spec),
        _whole_days_are_sums,
    ),
    Rule(
        "the largest value is in the last bin",
        "The published release loses it where the last edge is given, or rounded to less than that value.",
        lambda case: case.kind == "histogram_aggregate",
        _only_the_last_bin_has_more,
    ),
    Rule(
        "networks and mobile money are redacted",
        "The published release gives rows whatever the number of subscribers behind them.",
        lambda case: case.kind in UNREDACTED,
        _fewer_rows,
    ),
    Rule(
        "shares of a place are released together or not at all",
        "Rows that complete each other give away the one that is left out.",
        lambda case: case.kind == "joined_spatial_aggregate" and case.spec["method"] == "distr",
        _fewer_rows,
    ),
    Rule(
        "joined values are redacted over the subscribers who have one",
        "The published release counts everybody who is located, whether they have a value or not.",
        lambda case: case.kind == "joined_spatial_aggregate" and case.spec["method"] != "distr",
        _fewer_rows,
    ),
    Rule(
        "a median over time is of balances in their order",
        "The published release puts balances in the order of how long they were held.",
        lambda case: _is_median_of_balances(case.spec),
        _same_groups_or_total,
    ),
    Rule(
        "a night within a day is no whole day",
        "The published release takes hours after the start or before the end for night, whichever is first.",
        lambda case: "nocturnal_events" in case.kinds and _all_is_night(case),
        _everything_was_published,
    ),
    Rule(
        "meaningful places are redacted over subscribers",
        "The published release compares the sum of their weights, and between dates nothing.",
        lambda case: str(case.kind).startswith("meaningful_locations"),
        lambda case: _light_rows_are_new(case) or _fewer_rows(case),
    ),
    Rule(
        "clusters begin at places in a fixed order",
        "Of places with as many days the published release begins at any.",
        lambda case: (
            str(case.kind).startswith("meaningful_locations") and case.spec["tower_cluster_radius"] > 1
        ),
        _totals_agree,
    ),
    Rule(
        "events of hours are counted",
        "With hours, the published release finds no bucket that is released and fails.",
        lambda case: case.kind == "location_event_counts" and _has(case.spec, "hours"),
        _only_ours_completed,
    ),
    Rule(
        "events are redacted over the subscribers who made them",
        "The published release counts everybody in the place and time, whatever the direction.",
        lambda case: case.kind == "location_event_counts" and _has(case.spec, "direction"),
        _fewer_rows,
    ),
    Rule(
        "the place of most days can be aggregated",
        "The published object lacks its unit, so that nothing can be made from it.",
        lambda case: "visited_most_days" in case.kinds,
        _only_ours_completed,
    ),
    Rule(
        "labelled flows from or to an unknown place are released too",
        "The published release looks pairs up by equality, so that no pair with a null is found again.",
        lambda case: case.kind == "labelled_flows" and "outer" in case.spec.get("join_type", "inner"),
        _pairs_with_nowhere_are_new,
    ),
    Rule(
        "samples are not the same rows",
        "The published release numbers rows in the order in which they lie on disk.",
        lambda case: _has(case.spec, "sampling") and case.kind == "spatial_aggregate",
        _totals_are_near,
    ),
)
