"""Backing up a running FlowDB and restoring it, by the command line."""

import dataclasses
import json
import os
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from command_line import ask, beside, command, contents, environment, run, succeed, unmade_flowdb

from flowdb.cluster import Cluster
from flowdb.creation import RESTORING
from flowdb.testing import RunningFlowDB, free_port

SOME_DATA = ("--days", "2", "--subscribers", "200", "--calls", "2000", "--sms", "500", "--cells", "30")
FUNCTIONS = (
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2, oid"
)
ROLES = "SELECT rolname, rolcanlogin, rolsuper FROM pg_roles ORDER BY 1"
GRANTS = "SELECT oid::regclass::text, relacl::text FROM pg_class WHERE relacl IS NOT NULL ORDER BY 1"


@pytest.fixture(scope="module")
def filled() -> Iterator[RunningFlowDB]:
    """Yield a running FlowDB with data."""
    with unmade_flowdb() as flowdb:
        succeed(flowdb, "start")
        succeed(flowdb, "generate", *SOME_DATA)
        ask(flowdb, "CREATE TABLE public.first (n bigint PRIMARY KEY)")
        ask(flowdb, "CREATE TABLE public.second (n bigint PRIMARY KEY)")
        yield flowdb


@pytest.fixture
def elsewhere(filled: RunningFlowDB, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningFlowDB]:
    """Yield a place for a restored FlowDB, with passwords of its own."""
    with unmade_flowdb() as unmade:
        yield unmade


@contextmanager
def writer(flowdb: RunningFlowDB) -> Iterator[list[int]]:
    """Write rising numbers, each into two tables in one transaction, until the end; yield those committed."""
    connection = psycopg2.connect(flowdb.dsn())
    committed = [ask(flowdb, "SELECT coalesce(max(n), 0) FROM public.first")[0][0]]
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with connection, connection.cursor() as cursor:
                for table in ("first", "second"):
                    cursor.execute(f"INSERT INTO public.{table} VALUES (%s)", (committed[-1] + 1,))  # noqa: S608
            committed.append(committed[-1] + 1)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield committed
    finally:
        stop.set()
        thread.join()
        connection.close()


@pytest.mark.parametrize("options", [(), ("--compress",)])
def test_what_is_restored_is_what_was_there(
    filled: RunningFlowDB, elsewhere: RunningFlowDB, options: tuple[str, ...]
) -> None:
    target = beside(elsewhere, "backup")
    with writer(filled) as committed:
        while len(committed) < 20:
            time.sleep(0.01)
        before = committed[-1]
        said = succeed(filled, "backup", str(target), *options)
        after = committed[-1]
    assert after > before
    assert f"Backed up to {target}" in said
    described = json.loads((target / "flowdb-backup.json").read_text())
    assert described["flowdb_version"] == "2.0.0"
    assert described["schema_revision"] == ask(filled, "SELECT version_num FROM alembic_version")[0][0]
    assert described["compressed"] == bool(options)
    assert described["restored_bytes"] > 1_000_000
    assert stat.S_IMODE(target.stat().st_mode) == 0o700

    restored = succeed(elsewhere, "restore", str(target))
    assert "Restored into" in restored
    assert stat.S_IMODE(elsewhere.data_directory.stat().st_mode) == 0o700
    assert not list(elsewhere.data_directory.glob(".s.PGSQL*"))
    # The passwords and the port of this machine, not those of the backup.
    succeed(elsewhere, "start")
    assert elsewhere.superuser_password != filled.superuser_password

    numbers = [row[0] for row in ask(elsewhere, "SELECT n FROM public.first ORDER BY n")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert before <= len(numbers) <= after + 1
    assert numbers == [row[0] for row in ask(elsewhere, "SELECT n FROM public.second ORDER BY n")]
    # A start notes that it happened; nothing else differs.
    changing = {"public.first", "public.second", "public.flowdb_version", "public.location_table"}
    there, here = contents(filled), contents(elsewhere)
    assert {k: v for k, v in there.items() if k not in changing} == {
        k: v for k, v in here.items() if k not in changing
    }
    assert there["events.calls_20160101"][0] == 4000
    for question in (FUNCTIONS, ROLES, GRANTS, "SELECT version_num FROM alembic_version"):
        assert ask(filled, question) == ask(elsewhere, question)
    # What was restored can be backed up in its turn.
    succeed(elsewhere, "backup", str(beside(elsewhere, "again")))


def test_the_socket_will_do(filled: RunningFlowDB) -> None:
    target = beside(filled, "by-socket")
    succeed(filled, "backup", str(target), FLOWDB_HOST=str(filled.data_directory))
    assert "complete and undamaged" in succeed(filled, "restore", "--check", str(target))


@pytest.fixture(scope="module", params=["files", "archives"])
def taken(filled: RunningFlowDB, request: pytest.FixtureRequest) -> Path:
    """Return a backup of each form."""
    target = beside(filled, f"taken-{request.param}")
    succeed(filled, "backup", str(target), *(["--compress"] if request.param == "archives" else []))
    return target


def largest(backup: Path) -> Path:
    return max((backup / "data").rglob("*"), key=lambda path: path.stat().st_size)


def refused(elsewhere: RunningFlowDB, backup: Path) -> str:
    """Restore what cannot be restored; return the one line that says why."""
    result = run(elsewhere, "restore", str(backup))
    assert result.returncode == 1
    assert not elsewhere.data_directory.exists()
    last = result.stderr.splitlines()[-1]
    assert last.startswith("flowdb: ")
    return last


@pytest.mark.parametrize("part", ["data", "log", "control"])
def test_one_changed_byte_is_noticed(taken: Path, elsewhere: RunningFlowDB, part: str) -> None:
    patterns = {
        "data": ["data/base.tar.gz", "data/base/*/1259"],
        "log": ["data/pg_wal.tar.gz", "data/pg_wal/0*"],
        "control": ["data/base.tar.gz", "data/global/pg_control"],
    }
    file = next(path for pattern in patterns[part] for path in sorted(taken.glob(pattern)))
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        byte = opened.read(1)
        opened.seek(-1, os.SEEK_CUR)
        opened.write(bytes([byte[0] ^ 1]))
        opened.flush()
        try:
            assert "is damaged" in refused(elsewhere, taken)
        finally:
            opened.seek(file.stat().st_size // 2)
            opened.write(byte)
    assert "complete and undamaged" in succeed(elsewhere, "restore", "--check", str(taken))


@pytest.mark.parametrize("name", ["flowdb-backup.json", "data/backup_manifest", "largest", "log"])
def test_a_missing_part_is_named(taken: Path, elsewhere: RunningFlowDB, name: str) -> None:
    if name == "log":
        found = [*(taken / "data").glob("pg_wal.tar.gz"), *sorted((taken / "data/pg_wal").glob("0*"))]
        file = found[0]
    elif name == "largest" and (taken / "data" / "base").exists():
        file = next((taken / "data" / "base").glob("*/1259"))
    else:
        file = largest(taken) if name == "largest" else taken / name
    hidden = beside(elsewhere, "hidden")
    file.rename(hidden)
    try:
        last = refused(elsewhere, taken)
    finally:
        hidden.rename(file)
    assert file.name in last


def test_a_shortened_part_is_noticed(taken: Path, elsewhere: RunningFlowDB) -> None:
    file = largest(taken)
    octets = file.read_bytes()
    file.write_bytes(octets[: len(octets) // 2])
    try:
        assert "is damaged" in refused(elsewhere, taken)
    finally:
        file.write_bytes(octets)


def test_another_major_version_is_refused(taken: Path, elsewhere: RunningFlowDB) -> None:
    file = taken / "flowdb-backup.json"
    text = file.read_text()
    file.write_text(json.dumps(json.loads(text) | {"postgresql_version": "9.6"}))
    try:
        assert "was made by PostgreSQL 9, which is not installed" in refused(elsewhere, taken)
    finally:
        file.write_text(text)


def test_what_is_no_backup_is_refused(elsewhere: RunningFlowDB, tmp_path: Path) -> None:
    assert "is not a directory" in refused(elsewhere, tmp_path / "none")
    assert "is no backup of FlowDB" in refused(elsewhere, tmp_path)


def test_nothing_in_the_data_directory_is_touched(taken: Path, elsewhere: RunningFlowDB) -> None:
    elsewhere.data_directory.mkdir()
    (elsewhere.data_directory / "precious").write_text("mine")
    result = run(elsewhere, "restore", str(taken))
    assert result.returncode == 1
    assert "is not empty" in result.stderr
    (elsewhere.data_directory / "PG_VERSION").write_text("15\n")
    assert "holds a database" in run(elsewhere, "restore", str(taken)).stderr
    assert {path.name for path in elsewhere.data_directory.iterdir()} == {"precious", "PG_VERSION"}


def test_an_interrupted_restore_is_no_cluster(taken: Path, elsewhere: RunningFlowDB) -> None:
    (elsewhere.data_directory / RESTORING / "base").mkdir(parents=True)
    started = run(elsewhere, "start")
    assert started.returncode == 1
    assert "A restore into" in started.stderr
    assert "was interrupted" in started.stderr
    succeed(elsewhere, "restore", str(taken))
    assert not (elsewhere.data_directory / RESTORING).exists()
    succeed(elsewhere, "start")
    assert ask(elsewhere, "SELECT count(*) FROM events.calls") == [(8000,)]


def limited(flowdb: RunningFlowDB, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command that cannot write files above a megabyte: a disk that is full in the middle."""
    return subprocess.run(
        ["prlimit", "--fsize=1048576", *command(*arguments)],
        env=environment(flowdb),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_restore_that_cannot_be_written_leaves_the_directory_empty(
    taken: Path, elsewhere: RunningFlowDB
) -> None:
    result = limited(elsewhere, "restore", str(taken))
    assert result.returncode == 1
    assert "failed: File too large. It is empty again." in result.stderr
    assert list(elsewhere.data_directory.iterdir()) == []


def test_a_backup_that_cannot_be_written_leaves_nothing(filled: RunningFlowDB) -> None:
    for name, options in (("full", ()), ("full.small", ("--compress",))):
        result = limited(filled, "backup", str(beside(filled, name)), *options)
        assert result.returncode == 1
        assert "The backup failed: " in result.stderr
        assert not list(filled.data_directory.parent.glob(f"*{name}*"))


def test_a_target_that_is_there_is_refused(filled: RunningFlowDB) -> None:
    target = beside(filled, "there")
    target.mkdir()
    result = run(filled, "backup", str(target))
    assert result.returncode == 1
    assert "exists already" in result.stderr
    assert list(target.iterdir()) == []
    assert "is not a directory" in run(filled, "backup", str(target / "a" / "b")).stderr


def hold(flowdb: RunningFlowDB, target: Path) -> subprocess.Popen[bytes]:
    """Start a backup that waits for its checkpoint for long, and return once it copies or waits."""
    process = subprocess.Popen(
        command("backup", str(target)),
        env=environment(flowdb),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    question = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'flowdb backup'"
    while ask(flowdb, question) == [(0,)]:
        assert process.poll() is None
        assert time.monotonic() < deadline
    return process


def test_a_killed_backup_looks_like_none(filled: RunningFlowDB, elsewhere: RunningFlowDB) -> None:
    target = beside(filled, "killed")
    with hold(filled, target) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not target.exists()
    left = beside(filled, ".killed.incomplete")
    assert left.is_dir()
    assert "is no backup of FlowDB" in refused(elsewhere, left)
    # The program it had started ends with it, and the next backup uses the place again.
    deadline = time.monotonic() + 20
    question = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'flowdb backup'"
    while ask(filled, question) != [(0,)]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    succeed(filled, "backup", str(target))
    assert not left.exists()


def test_two_backups_to_one_place_do_not_mix(filled: RunningFlowDB) -> None:
    target = beside(filled, "twice")
    with hold(filled, target) as process:
        second = run(filled, "backup", str(target))
        assert second.returncode == 1
        assert "Another backup" in second.stderr or "exists already" in second.stderr
        assert process.wait(timeout=60) == 0
    assert "complete and undamaged" in succeed(filled, "restore", "--check", str(target))


def test_a_directory_that_cannot_be_written_is_explained(filled: RunningFlowDB) -> None:
    closed = beside(filled, "closed")
    closed.mkdir(mode=0o500)
    user = {"user": 54321, "group": 54321, "extra_groups": []} if os.geteuid() == 0 else {}
    result = subprocess.run(
        command("backup", str(closed / "b")),
        env=environment(filled),
        capture_output=True,
        text=True,
        check=False,
        **user,
    )
    assert result.returncode == 1
    assert "cannot be written" in result.stderr or "Permission denied" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_server_that_does_not_run_cannot_be_backed_up(elsewhere: RunningFlowDB, tmp_path: Path) -> None:
    result = run(elsewhere, "backup", str(tmp_path / "b"))
    assert result.returncode == 1
    assert "does not answer" in result.stderr
    wrong = run(elsewhere, "backup", str(tmp_path / "b"), FLOWDB_POSTGRES_PASSWORD="")
    assert wrong.returncode in (1, 2)
    assert list(tmp_path.iterdir()) == []


def test_tablespaces_are_not_lost_silently(filled: RunningFlowDB) -> None:
    place = beside(filled, "space")
    place.mkdir()
    Cluster(filled.settings()).user.own(place, 0o700)
    connection = psycopg2.connect(filled.dsn())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLESPACE other LOCATION %s", (str(place),))
    try:
        result = run(filled, "backup", str(beside(filled, "with-space")))
        assert result.returncode == 1
        assert "tablespaces outside its data directory (other)" in result.stderr
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLESPACE other")
        connection.close()


def test_another_port_of_the_same_machine(filled: RunningFlowDB, taken: Path) -> None:
    """A backup is a copy: it can be served beside the original."""
    with unmade_flowdb() as unmade:
        copy = dataclasses.replace(filled, data_directory=unmade.data_directory, port=free_port())
        succeed(copy, "restore", str(taken))
        succeed(copy, "start")
        assert contents(copy, "events") == contents(filled, "events")
        assert "has stopped" in succeed(copy, "stop")


def test_a_point_in_time_is_reached_with_postgresql_s_own_means() -> None:
    """What the operators' page says works: a backup, the log since, and the moment to stop at."""
    with unmade_flowdb() as flowdb:
        archive, target, user = (
            beside(flowdb, "archive"),
            beside(flowdb, "base"),
            Cluster(flowdb.settings()).user,
        )
        archive.mkdir()
        user.own(archive, 0o700)
        succeed(flowdb, "start")
        connection = psycopg2.connect(flowdb.dsn())
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("ALTER SYSTEM SET archive_mode = on")
            cursor.execute("ALTER SYSTEM SET archive_command = %s", (f"cp %p {archive}/%f",))
        connection.close()
        succeed(flowdb, "stop")
        succeed(flowdb, "start")
        succeed(flowdb, "backup", str(target))
        ask(flowdb, "CREATE TABLE public.log AS SELECT 1 AS n")
        moment = ask(flowdb, "SELECT clock_timestamp()::text")[0][0]
        ask(flowdb, "INSERT INTO public.log VALUES (2)")
        # A server that stops archives its last file.
        ask(flowdb, "SELECT pg_switch_wal()")
        succeed(flowdb, "stop")
        with unmade_flowdb() as unmade:
            copy = dataclasses.replace(flowdb, data_directory=unmade.data_directory)
            assert "archive_mode, archive_command" in succeed(copy, "restore", str(target))
            with (copy.data_directory / "postgresql.auto.conf").open("a") as settings:
                settings.write(
                    f"archive_mode = off\nrestore_command = 'cp {archive}/%f %p'\n"
                    f"recovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\n"
                )
            signal_file = copy.data_directory / "recovery.signal"
            signal_file.touch()
            user.own(signal_file, 0o600)
            succeed(copy, "start")
            assert ask(copy, "SELECT n FROM public.log") == [(1,)]
            assert not signal_file.exists()
