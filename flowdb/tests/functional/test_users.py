"""The whole life cycle as root, as an ordinary user and as a user without a name."""

import json
import os
import pwd
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import command, contents, environment, unmade_flowdb

from flowdb.testing import RunningFlowDB, free_port

AS_ROOT = os.geteuid() == 0
# Only root can be somebody else; others run the life cycle as themselves.
USERS = (
    {"root": 0, "named": pwd.getpwnam("nobody").pw_uid, "nameless": 54321}
    if AS_ROOT
    else {"self": os.geteuid()}
)
Run = Callable[..., subprocess.CompletedProcess[str]]


def identity(uid: int) -> list[str]:
    """Return the command that turns into a user, who can read the checkout wherever it is."""
    if uid == os.geteuid():
        return []
    become = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    reads = subprocess.run([*become, "test", "-r", __file__, "-a", "-x", command()[0]], check=False)
    if reads.returncode == 0:
        return become
    # The checkout lies in a directory that is closed to others, as /root is.
    return [*become, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


@pytest.fixture(params=USERS)
def place(request: pytest.FixtureRequest) -> Iterator[tuple[RunningFlowDB, int]]:
    """Yield a FlowDB that is not made yet, in a directory of the user, and the user."""
    uid = USERS[request.param]
    with unmade_flowdb() as unmade:
        home = unmade.data_directory.parent / "home"
        home.mkdir(mode=0o755)
        if uid:
            os.chown(home, uid, uid) if AS_ROOT else None
        flowdb = replace(unmade, data_directory=home / "data")
        copy = replace(flowdb, data_directory=home / "copy")
        yield flowdb, uid
        for each in (flowdb, copy):
            run_as(each, uid)("stop")


def run_as(flowdb: RunningFlowDB, uid: int) -> Run:
    """Return a function that runs the command line as a user."""

    def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*identity(uid), *command(*arguments)],
            env=environment(flowdb, PYTHONDONTWRITEBYTECODE="1", **changes),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_the_life_cycle(place: tuple[RunningFlowDB, int]) -> None:
    flowdb, uid = place
    run = run_as(flowdb, uid)

    def succeed(*arguments: str, by: Run = run) -> str:
        result = by(*arguments)
        assert result.returncode == 0, f"{arguments}: {result.stdout}{result.stderr}"
        return result.stdout

    home = flowdb.data_directory.parent
    files = {"cells": "id,latitude,longitude\nA,27.7,85.3\n", "tacs": "id,brand\n35000001,Alpha\n"}
    for name, text in files.items():
        (home / f"{name}.csv").write_text(text)
        (home / f"{name}.csv").chmod(0o644)
    assert succeed("init").startswith("Made:")
    succeed("config")
    succeed("start")
    succeed("migrate")
    succeed("load-geography", "--bundled")
    succeed("load-cells", str(home / "cells.csv"))
    succeed("load-tacs", str(home / "tacs.csv"))
    succeed("generate", "--days", "1", "--subscribers", "20", "--calls", "50", "--sms", "0", "--mds", "0")
    succeed("backup", str(home / "backup"))
    succeed("backup", "--compress", str(home / "archives"))
    before = contents(flowdb)
    assert succeed("stop") == "FlowDB has stopped.\n"

    copy = replace(flowdb, data_directory=home / "copy", port=free_port())
    elsewhere = run_as(copy, uid)
    succeed("restore", str(home / "backup"), by=elsewhere)
    succeed("start", by=elsewhere)
    facts = json.loads(succeed("status", "--json", by=elsewhere))
    assert facts["days"] == {"calls": {"loaded": 1, "oldest": "2016-01-01", "newest": "2016-01-01"}}
    assert facts["migration_needed"] is False
    after = contents(copy)
    for changing in ("public.flowdb_version", "public.location_table"):
        del before[changing], after[changing]
    assert before == after
    owner = pwd.getpwnam("postgres").pw_uid if uid == 0 else uid
    assert not closed_to_others(copy.data_directory, owner)


def closed_to_others(directory: Path, owner: int) -> list[Path]:
    """Return the files of a data directory that are somebody else's or that somebody else may read."""
    paths = [directory, *directory.rglob("*")]
    found = []
    for path in paths:
        state = path.lstat()
        if not path.is_socket() and (state.st_uid != owner or state.st_mode & 0o077):
            found.append(path)
    return found
