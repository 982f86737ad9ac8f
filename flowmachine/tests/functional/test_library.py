"""FlowMachine as a library: connecting, and what a user of it sees."""

import json
import subprocess
import sys

import pytest

import flowmachine
from flowkit_jwt_generator.settings import SettingsError
from flowmachine.core.errors import NotConnectedError
from flowmachine.core.settings import ConnectionSettings
from flowmachine.features import UniqueSubscriberCounts


@pytest.fixture
def given(settings: ConnectionSettings) -> dict[str, object]:
    return {
        "flowdb_host": settings.flowdb_host,
        "flowdb_port": settings.flowdb_port,
        "flowdb_password": settings.flowdb_password.get_secret_value(),
        "redis_host": settings.redis_host,
        "redis_port": settings.redis_port,
        "redis_password": settings.redis_password.get_secret_value(),
    }


COUNTS = UniqueSubscriberCounts("2016-01-01", "2016-01-02")


def test_connections_hold_within_their_block(given: dict[str, object]) -> None:
    with pytest.raises(NotConnectedError):
        COUNTS.head()
    with flowmachine.connections(**given):
        assert COUNTS.head().columns.tolist() == ["location_id", "value"]
    with pytest.raises(NotConnectedError):
        COUNTS.head()


def test_connecting_twice_warns_and_replaces(given: dict[str, object]) -> None:
    flowmachine.connect(**given)
    try:
        with pytest.warns(UserWarning, match="the new connection replaces it"):
            flowmachine.connect(**given)
        assert COUNTS.get_dataframe().columns.tolist() == ["location_id", "value"]
    finally:
        flowmachine.disconnect()
    flowmachine.disconnect()  # a second time does nothing


def test_a_missing_password_is_named(given: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_PASSWORD", raising=False)
    with pytest.raises(SettingsError, match="'REDIS_PASSWORD' is not set"):
        flowmachine.connect(**{**given, "redis_password": None})


def test_a_user_sees_only_what_they_ask_for(given: dict[str, object]) -> None:
    program = (
        "import flowmachine, sys, json\n"
        "from flowmachine.features import UniqueSubscriberCounts\n"
        "flowmachine.connect(**json.loads(sys.stdin.read()))\n"
        "UniqueSubscriberCounts('2016-01-01', '2016-01-02').store().result()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(given),
        env={},
        check=True,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
