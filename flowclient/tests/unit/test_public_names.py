"""Nothing of the public interface changes unseen.

After a change that is meant: ``python -m tests.unit.test_public_names > tests/unit/public_api.txt``.
"""

import sys
from pathlib import Path

import flowclient
from flowclient import async_client, client, errors

from .public_api import MODULES, lines, names

LOCKED = Path(__file__).with_name("public_api.txt")


def test_names_and_signatures_are_those_that_were_meant() -> None:
    assert list(lines()) == LOCKED.read_text().splitlines()


def test_every_name_that_is_offered_exists_and_is_described() -> None:
    for module in MODULES:
        for name in names(module):
            assert getattr(module, name).__doc__, name
    assert flowclient.__version__ == "2.0.0"


def test_the_two_faces_offer_the_same() -> None:
    assert {*names(client), "connect_async"} == {*names(async_client), "connect"}


def test_every_error_but_not_found_is_a_connection_error() -> None:
    classes = [getattr(errors, name) for name in names(errors)]
    assert len(classes) == 4
    assert all(issubclass(value, errors.FlowclientConnectionError) for value in classes)
    assert client.FlowclientConnectionError is errors.FlowclientConnectionError


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
