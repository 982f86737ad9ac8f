"""A flow map draws moves, and not those who stayed."""

from typing import Any

import pandas as pd
import pytest

from flowclient.maps import flow_map, moves
from flowclient.maps._flow_map import _steps

from .pictures import tips, words

FLOWS = pd.DataFrame(
    {"pcod_from": ["A", "A", "B", "A"], "pcod_to": ["A", "B", "A", "X"], "value": [300, 60, 40, 99]}
)


def arrows(flows: pd.DataFrame, geography: dict[str, Any], **options: Any) -> set[str]:
    return {tip for tip in tips(flow_map(geography, flows, **options)) if "→" in tip}


def test_moves_are_the_flows_between_regions_the_largest_first() -> None:
    assert moves(FLOWS)["value"].to_list() == [99, 60, 40]


def test_each_move_is_an_arrow_with_its_number(geography: dict[str, Any]) -> None:
    assert arrows(FLOWS, geography, unit="Subscribers") == {
        "Upper & <Valley> → B\nSubscribers: 60",
        "B → Upper & <Valley>\nSubscribers: 40",
    }
    assert arrows(FLOWS, geography, largest=1) == {"Upper & <Valley> → B\nvalue: 60"}
    assert arrows(FLOWS.head(1), geography) == set()


def test_the_map_says_what_it_leaves_out(geography: dict[str, Any]) -> None:
    text = words(flow_map(geography, FLOWS, largest=1, unit="Subscribers", note="Source"))
    assert "The 1 largest of 2 flows between two regions are drawn." in text
    assert "1 flows are from or to regions that this map does not have." in text
    assert "Subscribers" in text and "Source" in text
    assert "There is no flow" in words(flow_map(geography, FLOWS.head(0)))
    assert "There is no flow" in words(flow_map(geography, pd.DataFrame()))


def test_a_flow_without_a_number_is_not_drawn(geography: dict[str, Any]) -> None:
    flows = pd.DataFrame({"pcod_from": ["A", "B"], "pcod_to": ["B", "C"], "value": [None, 0]})
    assert arrows(flows, geography) == set()


@pytest.mark.parametrize(
    ("flows", "message"),
    [
        ({"pcod": ["A"], "value": [1]}, "no column 'pcod_from'"),
        (
            {"pcod_from": ["A", "A"], "pcod_to": ["B", "B"], "value": [1, 2]},
            "several rows from A to B",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    geography: dict[str, Any], flows: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        flow_map(geography, pd.DataFrame(flows))


@pytest.mark.parametrize(("smallest", "top"), [(16, 2392), (16, 20), (16, 16), (0.01, 0.9)])
def test_the_legend_begins_and_ends_with_what_is_drawn(smallest: float, top: float) -> None:
    steps = _steps(smallest, top)
    assert steps[0] == smallest
    assert steps[-1] <= top
    assert top < 1.4 * smallest or steps[-1] == top
