"""Whatever a notebook calls of the published client, ours has, with the same parameters and defaults."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from programs import plain_environment

Signatures = dict[str, dict[str, list[str]]]
SCRIPT = Path(__file__).resolve().parents[1] / "reference_client" / "signatures.py"

# Names that modules of the published client took from others, where ours need not have them.
ELSEWHERE = (
    "flowclient.aggregates.APIQuery.",
    "flowclient.aggregates.Connection.",
    "flowclient.connection.FlowclientConnectionError.",
    "flowclient.async_connection.FlowclientConnectionError.",
)
# The published client shows the parameters of another function here. Calls of them are tested with the rest.
SHOWN_WRONGLY = ("calendar_activity", "localised_calendar_activity")
# Without it, no server accepts the query.
NOW_REQUIRED = ("flowclient.aggregates.localised_calendar_activity_spec", "locations")
EMPTY = "<class 'inspect._empty'>"


def signatures(python: Path | str) -> Signatures:
    """Return the signatures of the flowclient of an interpreter."""
    finished = subprocess.run(
        [python, SCRIPT], env=plain_environment({}), capture_output=True, text=True, timeout=60, check=True
    )
    found: Signatures = json.loads(finished.stdout)
    return found


@pytest.fixture(scope="module")
def published(reference_client: Path) -> Signatures:
    found = signatures(reference_client)
    return {
        name: parameters
        for name, parameters in found.items()
        if not name.startswith(ELSEWHERE) and name.rsplit(".", 1)[-1] not in SHOWN_WRONGLY
    }


@pytest.fixture(scope="module")
def ours() -> Signatures:
    return signatures(sys.executable)


def test_every_name_is_there(published: Signatures, ours: Signatures) -> None:
    assert len(published) > 150
    assert published.keys() - ours.keys() == set()


def test_every_parameter_is_there_with_its_default(published: Signatures, ours: Signatures) -> None:
    """A parameter that the published client shows no default of may have one."""
    changed = [
        (name, parameter)
        for name, parameters in published.items()
        for parameter, (kind, default) in parameters.items()
        if ours[name].get(parameter, [""])[0] != kind
        or (default != EMPTY and ours[name][parameter][1] != default)
    ]
    assert changed == [NOW_REQUIRED]


def test_nothing_new_has_to_be_given(published: Signatures, ours: Signatures) -> None:
    new = [
        (name, parameter)
        for name, parameters in published.items()
        for parameter, (kind, default) in ours[name].items()
        if parameter not in parameters and default == EMPTY and not kind.startswith("VAR_")
    ]
    assert new == []
