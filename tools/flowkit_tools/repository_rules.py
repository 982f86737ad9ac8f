"""Rules about what the repository may hold, checked on its tracked files."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from flowkit_tools.sql_strings import findings

# Loading one of these runs whatever the stored bytes say.
UNSAFE_MODULES = frozenset({"pickle", "cPickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"})
# Written so that the pattern does not match its own source.
REGISTRY_HOSTS = re.compile(r"\b(pypi|pythonhosted|npmjs)[.](org|com)\b|\b(deb|security)[.]debian[.]org\b")
LARGEST_FILE = 1024 * 1024
PYTHON_TESTS = re.compile(r"(^|/)tests?/")


def tracked_files(checkout: Path) -> list[Path]:
    """Return the files that git tracks, and new ones it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout
    names = sorted(set(filter(None, listed.split("\0"))))
    return [checkout / name for name in names if (checkout / name).is_file()]


def unsafe_imports(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of imports of modules that unpickle."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            if name.split(".")[0] in UNSAFE_MODULES:
                yield node.lineno, name


def problems_of(file: Path, name: str) -> Iterator[str]:
    """Yield what is wrong with one tracked file, each as ``name:line: text``."""
    if file.stat().st_size > LARGEST_FILE:
        yield f"{name}: larger than {LARGEST_FILE // 1024} KiB; does a user need it in the repository?"
    try:
        text = file.read_text()
    except UnicodeDecodeError:
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if REGISTRY_HOSTS.search(line):
            yield f"{name}:{number}: names a package registry; sites behind mirrors must not depend on it"
    if file.suffix != ".py":
        return
    for number, module in unsafe_imports(text):
        yield f"{name}:{number}: imports {module}; nothing that FlowKit stores may be unpickled"
    if not PYTHON_TESTS.search(name):
        for finding in findings(text):
            yield f"{name}:{finding}"


def problems(checkout: Path) -> list[str]:
    """Return what is wrong in the whole checkout."""
    return [
        problem
        for file in tracked_files(checkout)
        for problem in problems_of(file, file.relative_to(checkout).as_posix())
    ]
