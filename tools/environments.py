"""Make or refresh the environment ``<component>/.venv`` of each named component.

An environment is made by uv from ``requirements-test.lock`` (hashes required), and holds the component
and the local siblings it names in ``[tool.uv.sources]``, editable. It is left alone while the lock and
the project files it was made from are unchanged. Runs on the standard library, before anything else
is installed: ``tools/prepare`` calls it.
"""

import hashlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
BUILD_LOCK = CHECKOUT / "tools" / "build.lock"


def known_components() -> dict[str, Path]:
    """Read ``tools/components.txt``: the directory of each component by its name."""
    lines = (CHECKOUT / "tools" / "components.txt").read_text().splitlines()
    pairs = (line.split() for line in lines if line.strip() and not line.startswith("#"))
    return {name: CHECKOUT / directory for name, directory in pairs}


def project_of(directory: Path) -> dict[str, Any]:
    """Return the parsed ``pyproject.toml`` of a component."""
    return tomllib.loads((directory / "pyproject.toml").read_text())


def is_package(directory: Path) -> bool:
    """Tell whether a component is installed itself, or only has an environment."""
    return bool(project_of(directory).get("tool", {}).get("uv", {}).get("package", True))


def siblings(directory: Path, seen: set[Path] | None = None) -> list[Path]:
    """Return the local packages a component needs, those they need included, lowest first."""
    seen = {directory} if seen is None else seen
    found: list[Path] = []
    sources = project_of(directory).get("tool", {}).get("uv", {}).get("sources", {})
    for source in sources.values():
        sibling = (directory / source["path"]).resolve() if "path" in source else None
        if sibling is not None and sibling not in seen:
            seen.add(sibling)
            found += [*siblings(sibling, seen), sibling]
    return found


def used_environments(directory: Path) -> list[Path]:
    """Return the directories of other environments that a component's tests start programs from."""
    names = project_of(directory).get("tool", {}).get("flowkit", {}).get("uses-environments-of", [])
    return [(directory / name).resolve() for name in names]


def fingerprint(directory: Path, lock: Path) -> str:
    """Return a digest of everything the environment is made from."""
    digest = hashlib.sha256(sys.version.encode())
    projects = [d / "pyproject.toml" for d in (directory, *siblings(directory))]
    for file in (lock, BUILD_LOCK, *projects):
        digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()


def prepare(name: str, directory: Path) -> None:
    """Bring one environment up to date."""
    lock = directory / "requirements-test.lock"
    environment = directory / ".venv"
    stamp = environment / ".flowkit-stamp"
    wanted = fingerprint(directory, lock)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    sys.stdout.write(f"Preparing the environment of {name}\n")
    sys.stdout.flush()
    variables = {
        **os.environ,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        # The distribution's certificates: sites may have an authority of their own.
        "UV_SYSTEM_CERTS": "true",
    }
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"

    def uv(*arguments: str | Path) -> None:
        subprocess.run(["uv", *map(str, arguments)], check=True, env=variables, cwd=directory)

    # One that fits is brought up to date in place: a service may be running from it.
    if not (environment / "bin" / base.name).exists():
        uv("venv", "--quiet", "--clear", "--python", base, environment)
    uv("pip", "sync", "--quiet", "--python", environment, "--require-hashes", lock)
    local = siblings(directory) + ([directory] if is_package(directory) else [])
    if local:
        editable = [argument for path in local for argument in ("-e", path)]
        options = ("--python", environment, "--no-deps", "--build-constraints", BUILD_LOCK)
        uv("pip", "install", "--quiet", *options, *editable)
    stamp.write_text(wanted)


def main(names: list[str]) -> int:
    """Prepare the environments of the named components."""
    known = known_components()
    for name in names:
        if name not in known:
            sys.stderr.write(f"No component is called {name}. Known: {', '.join(known)}\n")
            return 2
        try:
            for used in used_environments(known[name]):
                prepare(used.relative_to(CHECKOUT).as_posix(), used)
            prepare(name, known[name])
        except subprocess.CalledProcessError as error:
            sys.stderr.write(f"Making the environment of {name} failed: {error.cmd[0]} {error.cmd[1]}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
