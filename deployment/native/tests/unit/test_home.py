"""The directories of an installation."""

from pathlib import Path

from flowkit_native.home import LONGEST_SOCKET_PATH, Home


def test_the_socket_is_below_home_when_its_path_is_short(tmp_path: Path) -> None:
    home = Home(Path("/srv/flowkit/.flowkit"), tmp_path)
    assert home.socket == Path("/srv/flowkit/.flowkit/run/supervisor.sock")


def test_a_long_path_gets_a_short_socket_of_its_own(tmp_path: Path) -> None:
    one, other = (Home(Path("/srv") / (letter * 100), tmp_path) for letter in "ab")
    assert len(str(one.socket)) <= LONGEST_SOCKET_PATH
    assert one.socket != other.socket


def test_directories_are_the_owners_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", tmp_path)
    home.make()
    home.make()
    assert {home.secrets.stat().st_mode & 0o777, home.run.stat().st_mode & 0o777} == {0o700}


def test_removing_data_keeps_the_tools(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", tmp_path)
    home.make()
    (home.path / "tools").mkdir()
    home.ports_file.write_text("{}")
    assert home.secrets in home.remove_data()
    assert [path.name for path in home.path.iterdir()] == ["tools"]
    assert home.remove_data() == []
