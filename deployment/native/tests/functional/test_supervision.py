"""A real supervisor with a real Redis: it starts, stops, recovers, and leaves nothing behind."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from flowkit_native import credentials, programs, strays, supervision, waiting
from flowkit_native.installation import Installation
from flowkit_native.settings import NativeSettings

REDIS = programs.PROGRAMS[0]


def quiet(text: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Made once: a key pair takes seconds.
    directory = tmp_path_factory.mktemp("secrets")
    credentials.ensure(directory)
    return directory


@pytest.fixture
def installation(secrets: Path) -> Iterator[Installation]:
    # Not pytest's own directory: only its owner can enter that, and as root Redis runs as another user.
    directory = Path(tempfile.mkdtemp(prefix="flowkit-native-"))
    directory.chmod(0o755)
    installation = Installation(NativeSettings(home_directory=directory, redis_port=46390))
    shutil.copytree(secrets, installation.home.secrets)
    installation.prepare(quiet)
    yield installation
    installation.down()
    assert strays.find(installation.home) == []
    shutil.rmtree(directory)


def start_redis(installation: Installation) -> psutil.Process:
    home, environment = installation.home, installation.environment()
    if not supervision.is_running(home):
        supervision.start(home, environment)
    supervision.start_program(home, "redis")
    waiting.wait_for(REDIS, home, environment, installation.ports, timeout=20, say=quiet)
    return psutil.Process(supervision.states(home)["redis"].pid)


def test_it_starts_and_stops(installation: Installation) -> None:
    process = start_redis(installation)
    assert process.username() != "root"
    assert {address.laddr.ip for address in process.net_connections() if address.status == "LISTEN"} == {
        "127.0.0.1"
    }
    assert installation.down() == (True, 0)
    assert not process.is_running()
    assert installation.down() == (False, 0)


def test_starting_twice_changes_nothing(installation: Installation) -> None:
    assert start_redis(installation) == start_redis(installation)


def test_no_secret_is_in_an_environment_or_on_a_command_line(installation: Installation) -> None:
    process = start_redis(installation)
    secrets = {file.read_text() for file in installation.home.secrets.rglob("*") if file.is_file()}
    for seen in (process, process.parent()):
        assert seen is not None
        everything = " ".join([*seen.cmdline(), *seen.environ().values()])
        assert not any(secret in everything for secret in secrets)


def test_a_program_that_dies_is_started_again(installation: Installation) -> None:
    first = start_redis(installation)
    first.kill()
    first.wait(10)
    deadline = time.monotonic() + 20
    while supervision.states(installation.home)["redis"].pid in {0, first.pid}:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert start_redis(installation) != first


def test_a_killed_supervisor_leaves_no_orphans(installation: Installation) -> None:
    process = start_redis(installation)
    supervisor = process.parent()
    assert supervisor is not None
    supervisor.kill()
    process.wait(20)
    assert strays.find(installation.home) == []
    assert start_redis(installation).is_running()


def test_a_process_that_lost_its_supervisor_is_found_and_ended(installation: Installation) -> None:
    stray = subprocess.Popen(
        ["sleep", "600"], env={**installation.environment(), "PATH": "/usr/bin:/bin"}, start_new_session=True
    )
    other = subprocess.Popen(["sleep", "600"], env={"PATH": "/usr/bin:/bin"})
    assert [process.pid for process in strays.find(installation.home)] == [stray.pid]
    assert installation.down() == (False, 1)
    stray.wait(5)
    assert other.poll() is None
    other.kill()
    other.wait(5)


def test_a_program_that_cannot_start_is_reported_with_its_log(installation: Installation) -> None:
    (installation.home.redis / "redis.conf").write_text("port ninety\n")
    with pytest.raises(waiting.ProgramFailedError, match=r"(?s)Redis ended at start.*ninety"):
        start_redis(installation)


def test_services_can_read_their_own_secrets_and_no_others(installation: Installation) -> None:
    user = pwd.getpwnam(installation.environment()["FLOWKIT_SERVICE_USER"])
    identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    switch = ["setpriv", *identity] if user.pw_uid != os.getuid() else []

    def readable(file: Path) -> bool:
        return subprocess.run([*switch, "test", "-r", file], check=False).returncode == 0

    secrets = installation.home.secrets
    assert readable(secrets / "flowapi" / "PUBLIC_JWT_SIGNING_KEY")
    assert readable(secrets / "flowmachine" / "REDIS_PASSWORD")
    if user.pw_uid != os.getuid():
        assert not readable(secrets / "owner" / "PRIVATE_JWT_SIGNING_KEY")
        assert not readable(secrets / "flowdb" / "FLOWDB_POSTGRES_PASSWORD")


def test_status_names_every_program_before_the_first_start(installation: Installation) -> None:
    rows = installation.rows_of_status()
    assert [row[0] for row in rows] == ["Redis", "FlowDB", "FlowMachine", "FlowAPI"]
    assert {row[2] for row in rows} == {"stopped"}
