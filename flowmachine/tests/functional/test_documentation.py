"""The code of the documentation, run as a reader would."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

import flowmachine
from flowdb.testing import RunningFlowDB, RunningRedis

PAGES = Path(__file__).parents[3] / "docs" / "pages"


pytestmark = pytest.mark.usefixtures("some_events")


def blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", (PAGES / page).read_text(), re.MULTILINE | re.DOTALL)


def test_using_flowmachine_directly(
    superuser: sa.Engine,
    flowdb_cluster: RunningFlowDB,
    redis_server: RunningRedis,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in (flowdb_cluster.environment() | redis_server.environment()).items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.chdir(tmp_path)
    known: dict[str, object] = {}
    try:
        for block in blocks("analysts/flowmachine-library.md"):
            exec(compile(block, "flowmachine-library.md", "exec"), known)  # noqa: S102 - that is what is tested
    finally:
        flowmachine.disconnect()
    assert len(known["frame"]) == 4
    assert {"LastLocation", "SpatialAggregate"} <= known["kinds"]
    assert len(known["collection"]["features"]) == len(known["geo_frame"]) == 4
    assert len(known["network"]) == 4
    assert capsys.readouterr().out.startswith("<SpatialAggregate, id=")
    assert (tmp_path / "counts.geojson").exists()
    assert known["labelled"].column_names == ["subscriber", "pcod", "day"]


def test_the_worked_plug_in_is_the_one_that_is_tested() -> None:
    """The page shows the code of the plug-in, without its imports and some docstrings."""
    code = (Path(__file__).parents[1] / "plug_in" / "flowkit_mean_events.py").read_text()
    query, _, nested = blocks("developers/plug-in.md")
    shown = [line.strip() for block in (query, nested) for line in block.splitlines()]
    missing = [line for line in shown if line and not line.startswith('"""') and line not in code]
    assert missing == []
