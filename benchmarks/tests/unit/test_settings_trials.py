"""What is tried, and how figures are compared."""

import pytest

from flowkit_benchmarks.flowdb_settings import expand, ratios, report
from flowkit_benchmarks.settings_statements import KINDS
from flowkit_benchmarks.settings_trials import TRIALS, Trial

GIB = 1024**3


def test_trials_have_names_of_their_own_and_something_to_compare() -> None:
    assert len({trial.name for trial in TRIALS}) == len(TRIALS)
    assert all(trial.work in KINDS and len(trial.values) > 1 for trial in TRIALS)


def test_ratios_compare_best_runs_with_the_first_value() -> None:
    assert ratios({"query": [[4.0, 2.0], [1.0, 9.0], [4.0, 5.0]]}) == {"query": [1.0, 2.0, 0.5]}


def test_shares_of_memory_become_sizes() -> None:
    trial = Trial("shared_buffers", "queries", "restart", ({"shared_buffers": "25%"},))
    assert expand(trial, 8 * GIB).values == ({"shared_buffers": "2048MB"},)


def test_a_table_has_the_mean_of_all_statements(capsys: pytest.CaptureFixture[str]) -> None:
    trial = Trial("jit", "queries", "session", ({"jit": "off"}, {"jit": "on"}))
    report(trial, {"a": [[1.0], [0.5]], "b": [[1.0], [2.0]]})
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "jit (queries, seconds of the processor)"
    assert lines[3].split() == ["a", "1.0000", "2.00x"]
    assert lines[-1].split() == ["geometric", "mean", "1.00x"]
