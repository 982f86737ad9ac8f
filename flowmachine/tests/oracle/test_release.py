"""What may be released of groups, by each rule, against plain Python and against what the rules promise."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Select

from flowmachine.core import sql
from flowmachine.core.compilation import Compilation
from flowmachine.core.disclosure import Aggregate, disclose
from flowmachine.core.facts import Facts
from flowmachine.core.release import AllOrNothing, EachRow, ReleaseRule, Shares, Together
from tests.oracle import aggregates_definitions as meaning
from tests.oracle.test_definitions import oracle

Row = tuple[Any, ...]
Released = Callable[[Any], list[Row]]
RULES = {
    "each row": EachRow(),
    "together": Together(("place", "time")),
    "shares": Shares(("place", "time")),
    "all or nothing": AllOrNothing(),
}


@attrs.frozen(eq=False, slots=False, repr=False)
class Given(Aggregate):
    """An aggregate of given groups: place, time, label, value, contributors."""

    groups: tuple[Row, ...]
    rule: ReleaseRule

    @property
    def release_rule(self) -> ReleaseRule:
        return self.rule

    def select_with_contributors(self, using: Compilation) -> Select[Any]:
        names = {"place": sa.Text, "time": sa.Integer, "label": sa.Text, "value": sa.Integer}
        columns = [sa.column(name, kind) for name, kind in (names | {"contributors": sa.Integer}).items()]
        rows = sa.values(*columns, name="given").data([*self.groups, (None,) * 5])
        typed = [sa.cast(column, column.type).label(column.name) for column in rows.c]
        return sa.select(*typed).where(rows.c.value.is_not(None))


@pytest.fixture(scope="session")
def released(superuser: sa.Engine) -> Released:
    def rows(query: Any) -> list[Row]:
        with superuser.connect() as connection:
            text = sql.render(query.select(Compilation(Facts())))
            return [tuple(row) for row in connection.exec_driver_sql(text)]

    return rows


sizes = st.integers(0, 40) | st.sampled_from([1, 7, 8, 14, 15, 16, 17])
groups = st.dictionaries(
    st.tuples(
        st.sampled_from(["a", "b", None]),
        st.sampled_from([1, 2, None]),
        st.sampled_from(["x", "y", "z", None]),
    ),
    st.tuples(st.integers(0, 3), sizes),
    max_size=12,
)
Groups = dict[Row, tuple[int, int]]


def given_rows(found: Groups, unknown: int | None = None) -> tuple[Row, ...]:
    """Return the rows of groups; a number of contributors ``unknown`` is given as null."""
    return tuple(
        (*key, value, None if people == unknown else people) for key, (value, people) in found.items()
    )


def plain(found: Groups, rule: str) -> list[Row]:
    """Return what a rule releases, in plain Python."""
    match rule:
        case "each row":
            kept = meaning.released(found)
        case "together":
            kept = meaning.released_together(found, 2)
        case "shares":
            kept = meaning.released_shares(found, 2)
        case _:
            if any(0 < people <= 15 for _, people in found.values()):
                return [(None,) * 4]
            kept = {key: value for key, (value, _) in found.items()}
    return [(*key, value) for key, value in kept.items()]


def in_order(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=repr)


@oracle
@given(found=groups, rule=st.sampled_from(sorted(RULES)))
def test_a_rule_releases_what_it_says(released: Released, found: Groups, rule: str) -> None:
    query = disclose(Given(given_rows(found), RULES[rule]), 15)
    rows = released(query)
    assert in_order(rows) == in_order(plain(found, rule))
    for key in (row[:3] for row in rows):
        assert rows == [(None,) * 4] or found[key][1] == 0 or found[key][1] > 15


@oracle
@given(found=groups)
def test_what_is_withheld_of_a_whole_of_which_something_is_released_is_nobody_or_many(
    released: Released, found: Groups
) -> None:
    kept = {row[:3] for row in released(disclose(Given(given_rows(found), RULES["shares"]), 15))}
    withheld, wholes = defaultdict(int), {key[:2] for key in kept}
    for key, (_, people) in found.items():
        if key not in kept:
            withheld[key[:2]] += people
    assert all(withheld[whole] == 0 or withheld[whole] > 15 for whole in wholes)


@oracle
@given(found=groups, size=sizes, rule=st.sampled_from(sorted(RULES)))
def test_a_higher_threshold_releases_nothing_more(
    released: Released, found: Groups, size: int, rule: str
) -> None:
    query = Given(given_rows(found), RULES[rule])
    low, high = (set(released(disclose(query, 15 + more))) for more in (0, size))
    assert high <= low or high == {(None,) * 4}


@oracle
@given(
    found=groups,
    rule=st.sampled_from(sorted(RULES)),
    labels=st.lists(st.sampled_from(["x", "y", "z", None]), max_size=3),
    low=st.integers(0, 2),
    seed=st.floats(-1, 1),
)
def test_a_part_of_an_aggregate_shows_nothing_that_the_whole_hides(
    released: Released, found: Groups, rule: str, labels: list[str | None], low: int, seed: float
) -> None:
    whole = Given(given_rows(found), RULES[rule])
    shown = set(released(disclose(whole, 15)))
    for part in (
        whole.subset("label", labels),
        whole.numeric_subset("value", low, 3),
        whole.random_sample(fraction=0.5, seed=seed),
        whole.random_sample(size=2, seed=seed),
        whole.subset("label", labels).random_sample(size=2, seed=seed),
    ):
        assert set(released(disclose(part, 15))) <= shown
    by_label = set(released(disclose(whole.subset("label", labels), 15)))
    assert by_label == {row for row in shown if row[2] in labels}


@oracle
@given(found=groups, rule=st.sampled_from(sorted(RULES)))
def test_a_number_of_contributors_that_is_not_known_is_too_few(
    released: Released, found: Groups, rule: str
) -> None:
    rows = released(disclose(Given(given_rows(found, unknown=17), RULES[rule]), 15))
    few = {key: (value, 1 if people == 17 else people) for key, (value, people) in found.items()}
    assert in_order(rows) == in_order(plain(few, rule))


def test_rows_with_few_contributors_are_not_released_whatever_their_companions(released: Released) -> None:
    tied = {("a", 1, label): (1, 8) for label in ("x", "y")} | {("a", 1, "z"): (1, 30)}
    query = Given(given_rows(tied), RULES["shares"])
    assert released(disclose(query, 15)) == [("a", 1, "z", 1)]
    few = {("a", 1, "x"): (1, 5), ("a", 1, "y"): (1, 20), ("a", 1, "z"): (1, 20)}
    assert released(disclose(Given(given_rows(few), RULES["shares"]), 15)) == [("a", 1, "z", 1)]
    assert released(disclose(Given(given_rows(few), RULES["together"]), 15)) == []
