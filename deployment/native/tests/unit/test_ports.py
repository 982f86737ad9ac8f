"""Ports are chosen free, apart from one another, and remembered."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit_native import ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((ports.ADDRESS, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_passed_over(tmp_path: Path, taken: int) -> None:
    chosen = ports.choose(tmp_path / "ports.json", {"flowdb": taken})
    assert chosen["flowdb"] > taken
    assert ports.is_free(chosen["flowdb"])


def test_two_services_never_share_a_port(tmp_path: Path) -> None:
    chosen = ports.choose(tmp_path / "ports.json", {"flowdb": 45000, "redis": 45000})
    assert chosen["flowdb"] != chosen["redis"]


def test_the_choice_is_remembered_though_another_is_preferred_later(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    first = ports.choose(file, {"flowdb": 45100})
    assert ports.read(file) == first
    assert ports.choose(file, {"flowdb": 45200}) == first


def test_a_remembered_port_that_was_taken_since_is_given_up(tmp_path: Path, taken: int) -> None:
    file = tmp_path / "ports.json"
    file.write_text(f'{{"flowdb": {taken}}}')
    assert ports.choose(file, {"flowdb": 45300})["flowdb"] != taken


def test_no_free_port_is_an_error_that_says_where_it_looked() -> None:
    with pytest.raises(ports.NoFreePortError, match="between 65500 and 65535"):
        ports.next_free(65500, set(range(65500, 65536)))
