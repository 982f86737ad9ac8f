"""Making, starting, stopping and remaking a cluster, by the command line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from flowdb.cluster import CONFIGURATION, Cluster
from flowdb.creation import ATTEMPT, ClusterError
from flowdb.testing import RunningFlowDB, free_port, server_directory


@pytest.fixture
def unmade():
    """Yield a FlowDB that is not made yet."""
    with server_directory("flowdb-life-") as directory:
        flowdb = RunningFlowDB(host="127.0.0.1", port=free_port(), data_directory=directory / "a" / "data")
        yield flowdb
        Cluster(flowdb.settings()).stop()


def run(flowdb: RunningFlowDB, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flowdb", *arguments],
        env=environment(flowdb, **changes),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def environment(flowdb: RunningFlowDB, **changes: str) -> dict[str, str]:
    small = {
        "SHARED_BUFFERS_SIZE": "64MB",
        "MAX_LOCKS_PER_TRANSACTION": "64",
        "FLOWDB_DURABLE": "false",
        "FLOWDB_LOG_DEST": "stderr",
    }
    return {"PATH": os.environ["PATH"]} | flowdb.environment() | small | changes


def test_from_nothing_to_serving_and_back(unmade: RunningFlowDB) -> None:
    assert run(unmade, "status").returncode == 1
    first, second = run(unmade, "init"), run(unmade, "init")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert first.stdout.startswith("Made:")
    assert second.stdout.startswith("Brought up to date:")
    assert run(unmade, "start").returncode == 0
    assert "already runs" in run(unmade, "start").stdout
    status = run(unmade, "status", "--json")
    assert status.returncode == 0
    assert json.loads(status.stdout)["version"] == "2.0.0"
    assert run(unmade, "migrate").returncode == 0
    # Settings and passwords are those of the latest start.
    assert run(unmade, "stop").stdout == "FlowDB has stopped.\n"
    changes = {"POSTGRES_PASSWORD": "it's new", "FLOWDB_POSTGRES_PASSWORD": "it's new", "STATS_TARGET": "77"}
    again = run(unmade, "start", **changes)
    assert again.returncode == 0, again.stderr
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(unmade.dsn())
    connection = psycopg2.connect(
        host=unmade.host, port=unmade.port, user="flowdb", password="it's new", dbname="flowdb"
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW default_statistics_target")
        assert cursor.fetchone() == ("77",)
    connection.close()
    assert run(unmade, "stop").stdout == "FlowDB has stopped.\n"
    assert run(unmade, "stop").stdout == "FlowDB was not running.\n"


def wait_until_answers(flowdb: RunningFlowDB) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg2.connect(flowdb.dsn("flowapi")).close()
            return
        except psycopg2.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_in_the_foreground_it_ends_with_its_process(unmade: RunningFlowDB) -> None:
    for number, code in ((signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, -9)):
        with subprocess.Popen(
            [sys.executable, "-m", "flowdb", "start", "--foreground"],
            env=environment(unmade),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            # Who can connect at all finds everything in place: nothing listens before that.
            wait_until_answers(unmade)
            open_session = psycopg2.connect(unmade.dsn())
            process.send_signal(number)
            assert process.wait(timeout=20) == code
        open_session.close()
        deadline = time.monotonic() + 10
        while Cluster(unmade.settings()).status().running:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_an_interrupted_attempt_is_made_anew(unmade: RunningFlowDB) -> None:
    (unmade.data_directory / ATTEMPT).mkdir(parents=True)
    (unmade.data_directory / ATTEMPT / "PG_VERSION").write_text("15\n")
    (unmade.data_directory / CONFIGURATION).write_text("half")
    settings = unmade.settings()
    assert Cluster(settings).initialise(settings)
    assert not (unmade.data_directory / ATTEMPT).exists()
    assert not Cluster(settings).initialise(settings)


def test_a_left_over_process_id_of_another_program_is_no_server(unmade: RunningFlowDB) -> None:
    unmade.data_directory.mkdir(parents=True)
    cluster = Cluster(unmade.settings())
    for text in (f"{os.getpid()}\n/somewhere\n", "4194305\n", "\n", ""):
        (unmade.data_directory / "postmaster.pid").write_text(text)
        assert not cluster.status().running


def test_what_others_keep_is_not_touched(unmade: RunningFlowDB) -> None:
    unmade.data_directory.mkdir(parents=True)
    (unmade.data_directory / "PG_VERSION").write_text("15\n")
    settings = unmade.settings()
    with pytest.raises(ClusterError, match="was not made by FlowDB"):
        Cluster(settings).initialise(settings)
    assert [path.name for path in unmade.data_directory.iterdir()] == ["PG_VERSION"]


@pytest.mark.parametrize(
    "name", ["POSTGRES_PASSWORD", "FLOWMACHINE_FLOWDB_PASSWORD", "FLOWAPI_FLOWDB_PASSWORD"]
)
def test_a_missing_password_is_named_in_one_line(unmade: RunningFlowDB, name: str) -> None:
    result = run(unmade, "start", **{name: "", "FLOWDB_POSTGRES_PASSWORD": ""})
    assert result.returncode == 2
    assert name in result.stderr
    assert result.stderr.count("\n") == 1
    assert not unmade.data_directory.exists()


def test_no_password_is_on_a_command_line_or_in_a_log(flowdb_cluster: RunningFlowDB) -> None:
    passwords = (
        flowdb_cluster.superuser_password,
        flowdb_cluster.flowmachine_password,
        flowdb_cluster.flowapi_password,
    )
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    logs = [path.read_bytes() for path in flowdb_cluster.data_directory.glob("*.log")]
    assert logs
    for password in passwords:
        assert not any(password.encode() in text for text in lines + logs)


def test_configuration_is_shown(unmade: RunningFlowDB) -> None:
    shown = run(unmade, "config", MAX_CPUS="6")
    assert shown.returncode == 0
    assert "max_worker_processes = '6'" in shown.stdout
    assert unmade.superuser_password not in shown.stdout


def test_a_directory_nobody_else_may_enter_is_explained(unmade: RunningFlowDB) -> None:
    settings = unmade.settings()
    if not Cluster(settings).user.switch:
        return
    unmade.data_directory.parent.mkdir(mode=0o700)
    with pytest.raises(ClusterError, match="let it pass through the directories above it"):
        Cluster(settings).initialise(settings)


SOME_DATA = {
    "SYNTHETIC_DATA_GENERATOR": "python",
    "N_DAYS": "1",
    "N_SUBSCRIBERS": "50",
    "N_CALLS": "100",
    "N_SMS": "0",
    "N_CELLS": "20",
}


def test_it_can_begin_with_synthetic_data(unmade: RunningFlowDB) -> None:
    first = run(unmade, "start", "--generate", **SOME_DATA)
    assert first.returncode == 0, first.stderr
    assert "200 rows loaded" in first.stdout
    run(unmade, "stop")
    assert "All days are there already." in run(unmade, "start", "--generate", **SOME_DATA).stdout


@pytest.mark.parametrize(
    "changes", [{"SYNTHETIC_DATA_GENERATOR": ""}, {"SYNTHETIC_DATA_GENERATOR": "other"}, {"COUNTRY": "ATL"}]
)
def test_synthetic_data_must_be_asked_for_by_name(unmade: RunningFlowDB, changes: dict[str, str]) -> None:
    refused = run(unmade, "start", "--generate", **(SOME_DATA | changes))
    assert refused.returncode == 2
    assert f"'{next(iter(changes))}'" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not unmade.data_directory.exists()
