"""The operator's file of revoked tokens: what it may hold, and how it is changed."""

from concurrent.futures import ThreadPoolExecutor
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowapi import revoked_file
from flowapi.revoked_file import DenyListError, format_end, parse, parse_end

IDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), min_size=1, max_size=40
)
ENDS = st.one_of(st.just(inf), st.integers(0, 4_102_444_800).map(float))


def test_lines_and_comments() -> None:
    text = "# laptops that were stolen\n\n  a  \nb # of a colleague\nc 2030-01-01T00:00:00Z # until then\n"
    assert parse(text) == {"a": inf, "b": inf, "c": parse_end("2030-01-01")}


@pytest.mark.parametrize("line", ["a b c", "a tomorrow", "x" * 257], ids=len)
def test_a_line_that_is_not_understood_is_named(line: str) -> None:
    with pytest.raises(DenyListError, match="Line 2 "):
        parse(f"a\n{line}\n")


@given(st.dictionaries(IDS, ENDS))
def test_what_is_written_is_read(revoked: dict[str, float]) -> None:
    assert parse("".join(f"{jti} {format_end(end)}\n" for jti, end in revoked.items())) == revoked


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "list").write_bytes(content)
    with pytest.raises(DenyListError, match="list is not"):
        revoked_file.read(tmp_path / "list")


def test_adding_and_purging_keeps_what_people_wrote(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("# ours\na # no end\nb 2020-01-01")
    path.chmod(0o640)
    revoked_file.add(path, {"a": 1.0, "c": parse_end("2040-01-01"), "d": inf})
    assert path.read_text() == "# ours\na # no end\nb 2020-01-01\nc 2040-01-01T00:00:00+00:00\nd\n"
    assert revoked_file.purge(path, parse_end("2030-01-01")) == 1
    assert path.read_text() == "# ours\na # no end\nc 2040-01-01T00:00:00+00:00\nd\n"
    assert revoked_file.purge(path, parse_end("2030-01-01")) == 0
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(found.name for found in tmp_path.iterdir()) == [".list.lock", "list"]


def test_an_empty_list_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "list"
    with pytest.raises(DenyListError, match="--init"):
        revoked_file.add(path, {"a": inf})
    revoked_file.create(path)
    assert revoked_file.read(path) == {}
    revoked_file.add(path, {"a": inf})
    revoked_file.create(path)
    assert revoked_file.read(path) == {"a": inf}


def test_several_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "list"
    revoked_file.create(path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: revoked_file.add(path, {f"t{number}": inf}), range(40)))
        pool.submit(revoked_file.purge, path, 0).result()
    assert set(revoked_file.read(path)) == {f"t{number}" for number in range(40)}


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(DenyListError, match="cannot be changed"):
        revoked_file.create(tmp_path / "nowhere" / "list")
