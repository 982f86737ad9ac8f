"""What must not be seen: secrets in logs and command lines, rows in logs, insides in errors."""

import re
import subprocess

import pytest
from api import Api
from definitions import World
from signing import Signer
from specs import aggregate, daily, flows, unique_subscribers
from stack import Stack
from superuser import Superuser


@pytest.fixture
def logs(stack: Stack, api: Api, signer: Signer, superuser: Superuser) -> str:
    """Return everything that the services wrote at their most talkative, after work and after trouble."""
    api.rows(flows(daily(), daily("2016-01-02")))
    api.get("available_dates", headers={"Authorization": f"Bearer {Signer().token({'role': ['run']})}"})
    api.run(aggregate(daily()), headers=signer.headers("run"))
    with superuser.renamed("infrastructure", "cells"):
        superuser.forget_results()
        api.wait(api.start(unique_subscribers()))
    return "\n".join(file.read_text() for file in stack.logs.iterdir())


def test_logs_hold_no_secrets(stack: Stack, logs: str) -> None:
    assert "flowapi.access" in logs
    assert "flowmachine" in logs
    for secret in (
        stack.flowdb.superuser_password,
        stack.flowdb.flowmachine_password,
        stack.flowdb.flowapi_password,
        stack.redis.password,
    ):
        assert secret not in logs
    assert not re.search(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", logs), "a token"


def test_logs_hold_no_rows(world: World, logs: str) -> None:
    subscribers = set(world.subscribers)
    assert len(subscribers) > 1000
    assert not subscribers & set(re.findall(r"\w{16,}", logs))


def test_command_lines_hold_no_secrets(stack: Stack) -> None:
    lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "flowmachine" in lines
    for secret in (stack.flowdb.flowmachine_password, stack.flowdb.flowapi_password, stack.redis.password):
        assert secret not in lines


def test_every_request_can_be_found_in_both_logs(stack: Stack, api: Api) -> None:
    response = api.get("available_dates")
    request_id = response.headers["x-request-id"]
    found = {file.name.split("-")[0] for file in stack.logs.iterdir() if request_id in file.read_text()}
    assert found == {"flowapi", "flowmachine"}
