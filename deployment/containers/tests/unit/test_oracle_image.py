"""The Oracle image is made only when asked for, and what is missing is named before anything is built."""

import re
from pathlib import Path

import pytest

from flowkit_containers.docker import DockerError
from flowkit_containers.images import DOCKERFILES, IMAGES, ORACLE, build_options, wanted_images
from flowkit_containers.settings import ContainerSettings

FILES = (
    "instantclient-basic-linux.x64-23.9.0.25.07.zip",
    "instantclient-sdk-linux.x64-23.9.0.25.07.zip",
    "instantclient-sqlplus-linux.x64-23.9.0.25.07.zip",
    "ORACLE_FDW_2_8_0.tar.gz",
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).touch()
    return tmp_path


def settings(**given: object) -> ContainerSettings:
    return ContainerSettings.model_validate({"CA_BUNDLE": None, **given})


def test_it_is_not_built_unless_its_files_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORACLE_BINARY_SOURCE", "")
    assert settings().oracle_source is None
    assert wanted_images(settings()) == list(IMAGES)
    with pytest.raises(DockerError, match="name its directory with ORACLE_BINARY_SOURCE"):
        wanted_images(settings(), (ORACLE,))


def test_it_is_built_last_where_its_files_are_named(source: Path) -> None:
    assert wanted_images(settings(ORACLE_BINARY_SOURCE=source)) == [*IMAGES, ORACLE]
    assert wanted_images(settings(ORACLE_BINARY_SOURCE=source), ("flowapi",)) == ["flowapi"]


def test_docker_is_told_where_they_are(source: Path) -> None:
    options = build_options(
        ORACLE,
        "base",
        settings(ORACLE_BINARY_SOURCE=source, CONTAINER_TAG="2.0.0", INSTANT_CLIENT_VERSION="23"),
    )
    assert f"oracle={source}" == options[options.index("--build-context") + 1]
    assert {"FLOWDB_IMAGE=flowminder/flowdb:2.0.0", "INSTANT_CLIENT_VERSION=23"} <= set(options)


@pytest.mark.parametrize("missing", FILES)
def test_a_missing_file_is_named_in_one_line(source: Path, missing: str) -> None:
    (source / missing).unlink()
    with pytest.raises(DockerError) as raised:
        wanted_images(settings(ORACLE_BINARY_SOURCE=source))
    pattern = "oracle_fdw" if "FDW" in missing else "-".join(missing.split("-")[:2])
    assert f"'{source}' has no {pattern}" in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_all_that_is_missing_is_named_at_once(source: Path) -> None:
    for name in FILES:
        (source / name).unlink()
    with pytest.raises(DockerError) as raised:
        wanted_images(settings(ORACLE_BINARY_SOURCE=source))
    assert str(raised.value).count("no ") == len(FILES)


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DockerError, match="none' is not a directory"):
        wanted_images(settings(ORACLE_BINARY_SOURCE=tmp_path / "none"))


def test_a_version_chooses_among_several(source: Path) -> None:
    for name in FILES[:3]:
        (source / name.replace("23.9.0.25.07", "12.2.0.1.0")).touch()
    with pytest.raises(
        DockerError, match=r"2 files instantclient-basic-linux.*INSTANT_CLIENT_VERSION chooses"
    ):
        wanted_images(settings(ORACLE_BINARY_SOURCE=source))
    assert ORACLE in wanted_images(settings(ORACLE_BINARY_SOURCE=source, INSTANT_CLIENT_VERSION="12.2.0.1.0"))


def test_it_ends_as_the_user_of_flowdb_with_oracles_client_on_its_paths() -> None:
    text = (DOCKERFILES / f"{ORACLE}.Dockerfile").read_text()
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == ["0:0", "0:0", "999:999"]
    ours = re.search(r"PATH=(\S+)$", (DOCKERFILES / "flowdb.Dockerfile").read_text().replace(" \\", ""), re.M)
    assert ours is not None
    for wanted in (
        "ORACLE_HOME=/usr/local/oracle/instantclient",
        "LD_LIBRARY_PATH=/usr/local/oracle/instantclient",
        f"PATH={ours[1]}:/usr/local/oracle/instantclient",
        "ARG CODE_VERSION=",
        "ARG INSTANT_CLIENT_VERSION=",
        "org.opencontainers.image.title",
    ):
        assert wanted in text


def test_the_plain_image_has_nothing_of_oracle() -> None:
    assert "oracle" not in (DOCKERFILES / "flowdb.Dockerfile").read_text().lower()
