"""The statements of the SQL generator."""

from pathlib import Path

_DIRECTORY = Path(__file__).parent


def statement(name: str) -> str:
    """Return the text of a statement."""
    return (_DIRECTORY / f"{name}.sql").read_text(encoding="utf-8")
