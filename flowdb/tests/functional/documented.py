"""The SQL of a page of the documentation, so that it can be run as an operator would."""

import os
import re
import subprocess
from pathlib import Path

from psycopg2.extensions import parse_dsn

PAGES = Path(__file__).resolve().parents[3] / "docs" / "pages" / "operators"
_HEADING = re.compile(r"^##+ (.+)$")
_FENCE = re.compile(r'^(?P<indent> *)```(?P<language>\w+)(?: title="(?P<title>.+)")?$')


def blocks(page: str, language: str = "sql") -> dict[str, str]:
    """Return the blocks of a language on a page by their titles, or by the heading they stand under.

    Raises
    ------
    ValueError
        If two blocks have the same name: give one a title.
    """
    found: dict[str, str] = {}
    heading, name, lines = "", None, []
    for line in (PAGES / page).read_text().splitlines():
        if name is not None:
            if line.strip() != "```":
                lines.append(line)
                continue
            if name in found:
                raise ValueError(f"two blocks of {page} are called {name!r}")
            found[name], name, lines = "\n".join(lines) + "\n", None, []
        elif (fence := _FENCE.match(line)) and fence["language"] == language:
            name = fence["title"] or heading
        elif match := _HEADING.match(line):
            heading = match[1]
    return found


def connection_variables(dsn: str) -> dict[str, str]:
    """Return the variables through which every libpq program finds a database."""
    parts = parse_dsn(dsn)
    return {
        f"PG{'DATABASE' if name == 'dbname' else name.upper()}": str(value) for name, value in parts.items()
    }


class PsqlError(Exception):
    """psql stopped at an error; the text is what it said."""


def psql(dsn: str, script: str) -> str:
    """Run a script with psql up to the first error; return what it printed, without headers.

    Raises
    ------
    PsqlError
        With the message of the error.
    """
    options = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse")
    finished = subprocess.run(
        ["psql", *options, "-f", "-"],
        input=f"SET client_min_messages = warning;\n{script}",
        env={"PATH": os.environ["PATH"], **connection_variables(dsn)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if finished.returncode:
        raise PsqlError(finished.stderr)
    return finished.stdout
