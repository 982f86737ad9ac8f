"""The arithmetic of figures, and that no two questions of the benchmark of the engine are the same."""

import json
from itertools import islice

import pytest

from flowkit_benchmarks.engine_specs import modal_aggregate, nested, small
from flowkit_benchmarks.figures import Figure, percentile, table


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.5, 3), (0.8, 4), (0.81, 5), (0.99, 5), (1.0, 5)]
)
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    assert percentile([4, 1, 5, 3, 2], share) == expected


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no value was measured"):
        percentile([], 0.5)


def test_a_target_is_met_by_what_stays_below_it() -> None:
    assert Figure("a", "ms", (1, 2, 30), 10).met is True
    assert Figure("a", "ms", (1, 2, 30), 10, share=0.99).met is False
    assert Figure("a", "ms", (1, 2, 2), 2).met is False
    assert Figure("a", "ms", (1, 2)).met is None


def test_a_table_says_what_is_met() -> None:
    figures = [Figure("ping", "ms", (1.5, 2.5, 2000), 20, share=0.99), Figure("all", "s", (3.0,), 4)]
    lines = table([*figures, Figure("other", "s", (0.25,))]).splitlines()
    assert lines[1].split() == ["ping,", "ms", "p99", "2,000", "<", "20", "NO", "1.50", "2,000", "3"]
    assert lines[2].split() == ["all,", "s", "p50", "3", "<", "4", "yes", "3", "3", "1"]
    assert lines[3].split() == ["other,", "s", "p50", "0.25", "0.25", "0.25", "1"]


def test_a_figure_is_data_too() -> None:
    document = json.loads(json.dumps(Figure("ping", "ms", (1.0, 2.0), 20, share=0.99).as_json()))
    assert document["value"] == 2
    assert (document["percentile"], document["met"], document["values"]) == (99, True, [1, 2])


def test_questions_differ() -> None:
    specs = [nested(number, size=100) for number in range(3)] + list(islice(small(), 300))
    specs.append(modal_aggregate())
    assert len({json.dumps(spec) for spec in specs}) == 304
    locations = nested(8)["locations"]["locations"]
    assert len({json.dumps(location) for location in locations}) == len(locations) == 5000
    with pytest.raises(ValueError, match="not 60000 different"):
        nested(11)
