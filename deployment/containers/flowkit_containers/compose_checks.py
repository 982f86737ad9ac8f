"""FlowKit on one host under compose, with the small data set."""

import os
import shutil
import signal
import stat
import tempfile
from pathlib import Path

from flowkit_containers import analysis, containers
from flowkit_containers.checking import Checks, eventually, expect
from flowkit_containers.compose import Installation
from flowkit_containers.docker import DockerError, docker, lines
from flowkit_containers.settings import ContainerSettings
from flowkit_containers.stack_checks import free_port

SERVICES = "flowdb_testdata flowmachine_query_locker flowmachine flowapi"


def _quietly(_line: str) -> None:
    """Take no notice: the table tells enough."""


def check_compose(checks: Checks, settings: ContainerSettings) -> None:
    """Start a project of its own, use it, crash it, stop it and remove it."""
    directory = Path(tempfile.mkdtemp(prefix="flowkit-compose-"))
    project = f"flowkit-test-{os.getpid()}"
    changes = {
        "services": SERVICES,
        "project": project,
        "env_file": directory / "env",
        "port": free_port(),
    }
    installation = Installation(settings.model_copy(update=changes))
    label = f"{containers.PROJECT_LABEL}={project}"

    def start() -> str:
        installation.up(_quietly)
        mode = stat.S_IMODE(installation.settings.env_file.stat().st_mode)
        expect(mode == 0o600, oct(mode))
        return "all healthy; passwords in a file of mode 0600"

    def only_loopback() -> str:
        said = containers.expect_only_published(label, installation.settings.port)
        expect(containers.published(label)["9090/tcp"] == [f"127.0.0.1:{installation.settings.port}"], said)
        return said

    def root_free() -> str:
        users = containers.users_of_processes(label)
        expect(0 not in users, users)
        return f"users {', '.join(map(str, sorted(users)))}"

    def crash() -> str:
        expected = len(installation.states())
        for identity in containers.running(label):
            # As a crash looks: `docker kill` would count as the operator's wish.
            os.kill(containers.inspected(identity)["State"]["Pid"], signal.SIGKILL)
        seconds = eventually(lambda: containers.all_healthy(label, expected), "all are well")
        return f"all well after {seconds:.0f} s; {ask(day=3)}"

    def ask(day: int = 2) -> str:
        return analysis.ask(installation.url, installation.token(), day=day)

    def restart() -> str:
        installation.down()
        expect(not installation.containers(), installation.containers())
        installation.up(_quietly)
        return ask()

    def remove() -> str:
        installation.down(with_data=True)
        left = [
            *installation.containers(),
            *lines("volume", "ls", "--quiet", "--filter", f"label={label}"),
            *lines("network", "ls", "--quiet", "--filter", f"label={label}"),
        ]
        expect(not left, left)
        return "no container, network or volume"

    try:
        if checks.run("compose: up", start):
            checks.run("compose: a query is redacted", ask)
            checks.run("compose: nothing runs as root", root_free)
            checks.run("compose: containers are hardened", lambda: containers.expect_hardened(label))
            checks.run("compose: no internal port answers on the host", only_loopback)
            if os.geteuid() == 0:
                checks.run("compose: every container crashes and recovers", crash)
            checks.run("compose: down and up keep the data", restart)
    finally:
        checks.run("compose: clean leaves nothing", remove)
        shutil.rmtree(directory, ignore_errors=True)


def check_lone_flowdb(checks: Checks, settings: ContainerSettings) -> None:
    """Run FlowDB as the deployment guide does, by `docker run`."""
    image = settings.image("flowdb-testdata")
    passwords = ("--env", "FLOWMACHINE_FLOWDB_PASSWORD=foo", "--env", "FLOWAPI_FLOWDB_PASSWORD=foo")
    name = f"flowkit-test-flowdb-{os.getpid()}"
    uid, gid = (os.getuid(), os.getgid()) if os.geteuid() else (54321, 54322)
    directory = Path(tempfile.mkdtemp(prefix="flowkit-flowdb-"))

    def unnamed() -> str:
        try:
            docker("run", "--rm", *passwords, settings.image("flowdb"))
        except DockerError as error:
            said = str(error)
            expect("'FLOWDB_POSTGRES_PASSWORD' is not set" in said and "\n" not in said, said)
            return "FLOWDB_POSTGRES_PASSWORD, in one line"
        raise AssertionError("it started without a password for its superuser")

    def foreign_user() -> str:
        if os.geteuid() == 0:
            os.chown(directory, uid, gid)
        docker(
            *("run", "--detach", "--name", name, "--user", f"{uid}:{gid}", *passwords),
            *("--volume", f"{directory}:/var/lib/postgresql/data", image),
        )
        seconds = eventually(
            lambda: containers.inspected(name)["State"].get("Health", {}).get("Status") == "healthy",
            "FlowDB is healthy",
            300,
        )
        expect((directory / "PG_VERSION").stat().st_uid == uid, directory)
        return f"user {uid}:{gid}; healthy with seven days of data after {seconds:.0f} s"

    try:
        checks.run("docker run: a missing password is named", unnamed)
        checks.run("docker run: the guide's line, as any user", foreign_user)
    finally:
        docker("rm", "--force", "--volumes", name)
        shutil.rmtree(directory, ignore_errors=True)
