"""Every query gives the rows of its statement by hand: here with little data, where few are redacted."""

import json
from pathlib import Path

from click.testing import CliRunner

from flowkit_benchmarks.queries import main
from flowkit_benchmarks.query_specs import TEMPLATES

SMALL = ["--subscribers", "4000", "--calls", "20000", "--sms", "20000", "--rounds", "1"]


def test_rows_are_those_of_sql_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    result = CliRunner().invoke(main, [*SMALL, "--json", str(file)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    comparisons = {one["name"]: one for one in json.loads(file.read_text())["comparisons"]}
    assert list(comparisons) == list(TEMPLATES)
    assert all(one["rows"] and one["ratio"] > 0 for one in comparisons.values())
    assert result.output.splitlines()[-2].startswith("geometric mean")
