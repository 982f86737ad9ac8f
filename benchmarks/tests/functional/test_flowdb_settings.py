"""The settings of FlowDB are tried on a real server: here with little data, for the program's sake."""

import json
from pathlib import Path

from click.testing import CliRunner

from flowdb.testing import server_directory
from flowkit_benchmarks.flowdb_settings import main

TRIED = ("work_mem", "max_wal_size", "wal_buffers")
TINY = ["--subscribers", "200", "--events", "400", "--days", "2", "--alternations", "1"]


def test_each_way_of_changing_a_setting(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    with server_directory("flowdb-bench-test-") as directory:
        chosen = [part for name in TRIED for part in ("--only", name)]
        result = CliRunner().invoke(
            main,
            [*TINY, *chosen, "--directory", str(directory), "--out", str(figures)],
            catch_exceptions=False,
        )
        assert result.exit_code == 0, result.output
        assert not (directory / "data" / "postmaster.pid").exists()
        kept = (directory / "data" / "postgresql.auto.conf").read_text()
    found = json.loads(figures.read_text())
    assert set(found) == set(TRIED)
    assert len(found["work_mem"]["values"]) == 4
    assert all(run > 0 for runs in found["work_mem"]["seconds"].values() for value in runs for run in value)
    assert result.output.count("geometric mean") == len(TRIED)
    assert "wal" not in kept
