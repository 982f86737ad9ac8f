"""The rules on tracked files find what they should, in a repository made for the purpose."""

import subprocess
from pathlib import Path

import pytest

from flowkit_tools import repository_rules


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


def write(checkout: Path, name: str, text: str) -> None:
    file = checkout / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_a_clean_checkout_has_no_problems(checkout: Path) -> None:
    write(checkout, "flowdb/module.py", "import json\n")
    assert repository_rules.problems(checkout) == []


@pytest.mark.parametrize("line", ["import pickle", "from dill import loads", "import a, joblib.memory"])
def test_unpickling_modules_are_refused(checkout: Path, line: str) -> None:
    write(checkout, "flowdb/module.py", f"import json\n{line}\n")
    (problem,) = repository_rules.problems(checkout)
    assert problem.startswith("flowdb/module.py:2: imports ")


@pytest.mark.parametrize("host", ["pypi" + ".org", "files.pythonhosted" + ".org", "deb" + ".debian.org"])
def test_registry_hosts_are_refused_in_any_text(checkout: Path, host: str) -> None:
    write(checkout, "requirements.lock", f"# fine\n--index-url https://{host}/simple\n")
    (problem,) = repository_rules.problems(checkout)
    assert problem.startswith("requirements.lock:2: names a package registry")


def test_formatted_sql_is_refused_in_code_and_not_in_tests(checkout: Path) -> None:
    write(checkout, "flowdb/flowdb/module.py", 'text(f"SELECT {a}")\n')
    write(checkout, "flowdb/tests/unit/test_module.py", 'text(f"SELECT {a}")\n')
    (problem,) = repository_rules.problems(checkout)
    assert problem.startswith("flowdb/flowdb/module.py:1: text() is given SQL")


def test_large_files_are_refused(checkout: Path) -> None:
    write(checkout, "data.csv", "x" * (repository_rules.LARGEST_FILE + 1))
    (problem,) = repository_rules.problems(checkout)
    assert "larger than" in problem


def test_ignored_files_are_not_looked_at(checkout: Path) -> None:
    write(checkout, ".gitignore", "/private\n")
    write(checkout, "private/module.py", "import pickle\n")
    assert repository_rules.problems(checkout) == []
