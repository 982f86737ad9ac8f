"""What containers of a stack or project are like: users, privileges, ports, health."""

import json
from collections.abc import Iterable
from typing import Any

import psutil

from flowkit_containers.checking import expect
from flowkit_containers.docker import docker, lines

STACK_LABEL = "com.docker.stack.namespace"
PROJECT_LABEL = "com.docker.compose.project"


def running(label: str) -> list[str]:
    """Return the ids of running containers with a label."""
    return lines("ps", "--quiet", "--filter", f"label={label}")


def inspected(identity: str) -> dict[str, Any]:
    """Return all that Docker knows of a container."""
    found: dict[str, Any] = json.loads(docker("inspect", identity))[0]
    return found


def all_healthy(label: str, expected: int) -> bool:
    """Tell whether the expected number of containers runs and each passes its health check."""
    states = [inspected(identity)["State"] for identity in running(label)]
    healthy = [state for state in states if state.get("Health", {}).get("Status") == "healthy"]
    return len(healthy) == len(states) == expected


def users_of_processes(label: str) -> set[int]:
    """Return the users whose processes run in containers, as this host numbers them."""
    users = set()
    for identity in running(label):
        _, *rows = lines("top", identity, "-eo", "uid,pid")
        users |= {int(row.split()[0]) for row in rows}
    return users


def expect_hardened(label: str) -> str:
    """Expect containers whose root file system cannot be written and that hold no capability."""
    for identity in running(label):
        host = inspected(identity)["HostConfig"]
        expect(host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["Privileged"], identity)
    return "root file systems read-only, no capabilities"


def published(label: str) -> dict[str, list[str]]:
    """Return the host addresses of published container ports."""
    found: dict[str, list[str]] = {}
    for identity in running(label):
        for port, bindings in inspected(identity)["NetworkSettings"]["Ports"].items():
            if bindings:
                found[port] = sorted(f"{each['HostIp']}:{each['HostPort']}" for each in bindings)
    return found


def listeners() -> set[tuple[str, int]]:
    """Return the addresses on which programs of the engine listen on this host."""
    found = set()
    for connection in psutil.net_connections("inet"):
        if connection.status != psutil.CONN_LISTEN or connection.pid is None or not connection.laddr:
            continue
        try:
            name = psutil.Process(connection.pid).name()
        except psutil.NoSuchProcess:
            continue
        if name in {"docker-proxy", "dockerd"}:
            found.add((connection.laddr.ip, connection.laddr.port))
    return found


def expect_only_published(label: str, port: int, own: Iterable[int] = (2377, 7946)) -> str:
    """Expect nothing to answer but FlowAPI, and the engine's own ports on the loopback address at most."""
    ports = published(label)
    expect(set(ports) == {"9090/tcp"}, ports)
    others = {
        (ip, number)
        for ip, number in listeners()
        if number != port and not (number in own and ip in {"127.0.0.1", "::1"})
    }
    expect(not others, others)
    return f"only 9090 of FlowAPI, at {', '.join(ports['9090/tcp'])}"


def expect_no_secrets_in_environment(label: str) -> str:
    """Expect passwords and keys in files, not in the environment, which `docker inspect` shows."""
    for identity in running(label):
        for variable in inspected(identity)["Config"]["Env"]:
            name, _, value = variable.partition("=")
            tells_where = name.endswith("_FILE") and value.startswith("/")
            secret = "PASSWORD" in name or "SIGNING_KEY" in name
            expect(not (value and secret and not tells_where), name)
    return "none in the environment of a container"
