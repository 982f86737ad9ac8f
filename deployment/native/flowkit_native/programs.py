"""The programs of an installation, what they are told, and how to ask whether they are well."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

import redis as redis_client

from flowkit_native import credentials
from flowkit_native.home import Home
from flowkit_native.ports import ADDRESS
from flowkit_native.settings import NativeSettings, passed_on

HEALTH_TIMEOUT = 30
MARKER = "FLOWKIT_SUPERVISED"
UNPRIVILEGED = ("flowmachine", "flowapi")


@dataclass(frozen=True)
class Program:
    """One supervised program.

    Parameters
    ----------
    name
        Its name in ``supervisord.conf``, and of its secrets, log and port.
    title
        What people call it.
    health
        The command, below the checkout, that exits 0 when it answers; empty for Redis, asked directly.
    """

    name: str
    title: str
    health: tuple[str, ...] = ()


PROGRAMS = (
    Program("redis", "Redis"),
    Program("flowdb", "FlowDB", ("flowdb/.venv/bin/flowdb", "status")),
    Program("flowmachine", "FlowMachine", ("flowmachine/.venv/bin/flowmachine", "health")),
    Program("flowapi", "FlowAPI", ("flowapi/.venv/bin/flowapi", "health")),
)


def redis_user() -> str:
    """Return the user that Redis runs as: never root."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid()).pw_name
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "redis" if "redis" in known else "postgres"


def _can_start(user: pwd.struct_passwd, script: Path) -> bool:
    """Ask the kernel, as that user, whether it may start a console script with its interpreter."""
    identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    files = [script, script.with_name("python")]
    return all(
        subprocess.run(["setpriv", *identity, "test", "-x", file], check=False).returncode == 0
        for file in files
    )


def service_user(home: Home) -> str:
    """Return the user that FlowMachine and FlowAPI run as: not root, if another can reach the checkout."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid()).pw_name
    nobody = pwd.getpwnam("nobody")
    scripts = [home.checkout / program.health[0] for program in PROGRAMS if program.name in UNPRIVILEGED]
    return "nobody" if all(_can_start(nobody, script) for script in scripts) else "root"


def hand_over_secrets(home: Home) -> None:
    """Let each service that does not run as its owner reach its own secrets."""
    if os.getuid() != 0:
        return
    user = pwd.getpwnam(service_user(home))
    # Passing through is not reading: each directory below belongs to one user.
    home.secrets.chmod(0o711)
    for name in UNPRIVILEGED:
        for path in (home.secrets / name, *(home.secrets / name).iterdir()):
            os.chown(path, user.pw_uid, user.pw_gid)


def environment(home: Home, settings: NativeSettings, ports: dict[str, int]) -> dict[str, str]:
    """Return the whole environment of the supervisor and its programs."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home.path),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
        MARKER: str(home.path),
        "FLOWKIT_HOME": str(home.path),
        "FLOWKIT_RUN": str(home.run),
        "FLOWKIT_CHECKOUT": str(home.checkout),
        "FLOWKIT_REDIS_USER": redis_user(),
        "FLOWKIT_SERVICE_USER": service_user(home),
        "PGDATA": str(home.flowdb),
        "FLOWDB_HOST": ADDRESS,
        "FLOWDB_LISTEN_ADDRESSES": ADDRESS,
        "FLOWDB_PORT": str(ports["flowdb"]),
        "REDIS_HOST": ADDRESS,
        "REDIS_PORT": str(ports["redis"]),
        "FLOWMACHINE_HOST": ADDRESS,
        "FLOWMACHINE_BIND_HOST": ADDRESS,
        "FLOWMACHINE_PORT": str(ports["flowmachine"]),
        "FLOWAPI_HOST": ADDRESS,
        "FLOWAPI_PORT": str(ports["flowapi"]),
        "FLOWAPI_IDENTIFIER": settings.identifier,
        **passed_on(),
    }


def environment_of(program: str, home: Home, shared: dict[str, str]) -> dict[str, str]:
    """Return the environment in which a command of one program runs."""
    return {**shared, "FLOWKIT_SECRETS_DIR": str(home.secrets / program)}


def write_redis_configuration(home: Home, ports: dict[str, int]) -> None:
    """Write the file Redis reads; the password is in it because a command line could be read by anyone."""
    user = pwd.getpwnam(redis_user())
    home.redis.mkdir(mode=0o700, exist_ok=True)
    os.chown(home.redis, user.pw_uid, user.pw_gid)
    file = home.redis / "redis.conf"
    lines = [
        f"bind {ADDRESS}",
        f"port {ports['redis']}",
        f'dir "{home.redis}"',
        f"requirepass {credentials.read(home.secrets, 'redis', 'REDIS_PASSWORD')}",
        "daemonize no",
        "protected-mode yes",
        "save 300 1",
        "maxmemory-policy noeviction",
    ]
    file.touch(mode=0o600)
    os.chown(file, user.pw_uid, user.pw_gid)
    file.write_text("\n".join(lines) + "\n")


def _redis_answers(home: Home, ports: dict[str, int]) -> bool:
    password = credentials.read(home.secrets, "redis", "REDIS_PASSWORD")
    client = redis_client.Redis(host=ADDRESS, port=ports["redis"], password=password, socket_timeout=5)
    try:
        return bool(client.ping())
    except redis_client.RedisError:
        return False
    finally:
        client.close()


def is_well(program: Program, home: Home, shared: dict[str, str], ports: dict[str, int]) -> bool:
    """Ask a program whether it is well."""
    if not program.health:
        return _redis_answers(home, ports)
    script, *arguments = program.health
    try:
        answer = subprocess.run(
            [home.checkout / script, *arguments],
            env=environment_of(program.name, home, shared),
            check=False,
            capture_output=True,
            timeout=HEALTH_TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        return False
    return answer.returncode == 0


def missing_programs(home: Home) -> list[Path]:
    """Return the console scripts that are not installed."""
    scripts = [home.checkout / program.health[0] for program in PROGRAMS if program.health]
    return [script for script in scripts if not os.access(script, os.X_OK)]
