"""The scripts say what is wrong before they change anything."""

import os
import subprocess
from pathlib import Path

import pytest

from flowkit_containers.docker import CHECKOUT


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CHECKOUT / script, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_base_image_refuses_what_it_does_not_know() -> None:
    refused = run("deployment/base-image/make", "--colour", "blue")
    assert refused.returncode == 2
    assert "unknown option '--colour'" in refused.stderr


def test_the_quickstart_needs_an_engine(tmp_path: Path) -> None:
    state = tmp_path / "state"
    refused = run(
        "secrets_quickstart/secrets-quickstart.sh",
        QUICKSTART_STATE=str(state),
        DOCKER_HOST=f"unix://{tmp_path}/none.sock",
    )
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert not state.exists()


@pytest.mark.parametrize("arguments", [(), ("--username", "somebody")])
def test_a_token_needs_the_key(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    refused = run("secrets_quickstart/token.sh", *arguments, QUICKSTART_STATE=str(tmp_path))
    assert refused.returncode == 1
    assert "There is no key" in refused.stderr


def test_uninstalling_asks_first(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.touch()
    refused = run("secrets_quickstart/uninstall.sh", QUICKSTART_STATE=str(tmp_path))
    assert refused.returncode == 1
    assert kept.exists()
