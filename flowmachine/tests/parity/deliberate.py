"""The deliberate differences: when one is to be expected, why, and what has to hold instead."""

from collections.abc import Callable

import attrs

from tests.parity.allowed import (
    Case,
    all_is_night,
    everything_was_published,
    fewer_rows,
    has,
    is_median_of_balances,
    light_rows_are_new,
    only_ours_completed,
    only_the_last_bin_has_more,
    pairs_in_line_are_new,
    pairs_with_nowhere_are_new,
    same_groups,
    same_groups_or_total,
    same_text_later,
    totals_agree,
    totals_are_near,
    whole_days,
    whole_days_are_sums,
)


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


UNREDACTED = ("total_network_objects", "aggregate_network_objects", "dfs_metric_total_amount")

RULES: tuple[Rule, ...] = (
    Rule(
        "a dummy has an answer",
        "The published release fails to say where the rows of a dummy query are; it has none.",
        lambda case: case.kind == "dummy_query",
        lambda case: only_ours_completed(case) and not case.ours.rows,
    ),
    Rule(
        "a position is one place",
        "The published geography by position has a row for each cell there.",
        lambda case: case.kind == "geography" and case.spec["aggregation_unit"] == "lon-lat",
        same_groups,
    ),
    Rule(
        "an unknown subset is found when the query is planned",
        "Validation asks no database; the text is the same.",
        lambda case: "subscriber_subset" in case.published.messages,
        same_text_later,
        refused=True,
    ),
    Rule(
        "days are calendar days, up to the end of the window",
        "The published release counts stretches of 24 hours from the start, and leaves out a last one that "
        "is not whole.",
        lambda case: case.kind == "location_event_counts" and not whole_days(case.spec),
        whole_days_are_sums,
    ),
    Rule(
        "the largest value is in the last bin",
        "The published release loses it where the last edge is given, or rounded to less than that value.",
        lambda case: case.kind == "histogram_aggregate",
        only_the_last_bin_has_more,
    ),
    Rule(
        "networks and mobile money are redacted",
        "The published release gives rows whatever the number of subscribers behind them.",
        lambda case: case.kind in UNREDACTED,
        fewer_rows,
    ),
    Rule(
        "shares of a place are released together or not at all",
        "Rows that complete each other give away the one that is left out.",
        lambda case: case.kind == "joined_spatial_aggregate" and case.spec["method"] == "distr",
        fewer_rows,
    ),
    Rule(
        "joined values are redacted over the subscribers who have one",
        "The published release counts everybody who is located, whether they have a value or not.",
        lambda case: case.kind == "joined_spatial_aggregate" and case.spec["method"] != "distr",
        fewer_rows,
    ),
    Rule(
        "a median over time is of balances in their order",
        "The published release puts balances in the order of how long they were held.",
        lambda case: is_median_of_balances(case.spec),
        same_groups_or_total,
    ),
    Rule(
        "a night within a day is no whole day",
        "The published release takes hours after the start or before the end for night, whichever is first.",
        lambda case: "nocturnal_events" in case.kinds and all_is_night(case),
        everything_was_published,
    ),
    Rule(
        "meaningful places are redacted over subscribers",
        "The published release compares the sum of their weights, and between dates nothing.",
        lambda case: str(case.kind).startswith("meaningful_locations"),
        lambda case: light_rows_are_new(case) or fewer_rows(case),
    ),
    Rule(
        "clusters begin at places in a fixed order",
        "Of places with as many days the published release begins at any.",
        lambda case: (
            str(case.kind).startswith("meaningful_locations") and case.spec["tower_cluster_radius"] > 1
        ),
        totals_agree,
    ),
    Rule(
        "events of hours are counted",
        "With hours, the published release finds no bucket that is released and fails.",
        lambda case: case.kind == "location_event_counts" and has(case.spec, "hours"),
        only_ours_completed,
    ),
    Rule(
        "events are redacted over the subscribers who made them",
        "The published release counts everybody in the place and time, whatever the direction or the subset.",
        lambda case: (
            case.kind == "location_event_counts"
            and (has(case.spec, "direction") or has(case.spec, "subscriber_subset"))
        ),
        fewer_rows,
    ),
    Rule(
        "networks can be asked of a stored subset",
        "The published statement joins a column of subscribers that it does not select.",
        lambda case: case.kind in UNREDACTED and has(case.spec, "subscriber_subset"),
        only_ours_completed,
    ),
    Rule(
        "places that share a longitude or a latitude are different places",
        "The published release takes for trips only pairs of positions both of whose coordinates differ.",
        lambda case: case.kind == "trips_od_matrix" and case.spec["aggregation_unit"] == "lon-lat",
        pairs_in_line_are_new,
    ),
    Rule(
        "the place of most days can be aggregated",
        "The published object lacks its unit, so that nothing can be made from it.",
        lambda case: "visited_most_days" in case.kinds,
        only_ours_completed,
    ),
    Rule(
        "labelled flows from or to an unknown place are released too",
        "The published release looks pairs up by equality, so that no pair with a null is found again.",
        lambda case: case.kind == "labelled_flows" and "outer" in case.spec.get("join_type", "inner"),
        pairs_with_nowhere_are_new,
    ),
    Rule(
        "samples are not the same rows",
        "The published release numbers rows in the order in which they lie on disk.",
        lambda case: has(case.spec, "sampling") and case.kind == "spatial_aggregate",
        totals_are_near,
    ),
)
