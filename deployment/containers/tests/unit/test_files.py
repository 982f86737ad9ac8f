"""What every image, compose file and stack file must hold to."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowkit_containers.configurations import ADDITIONS, CORE, STACKS, stack_combinations
from flowkit_containers.docker import CHECKOUT
from flowkit_containers.images import DOCKERFILES, FROM_FLOWDB, IMAGES

PAGE = (CHECKOUT / "docs" / "pages" / "operators" / "containers.md").read_text(encoding="utf-8")
COMPOSE_FILES = sorted(CHECKOUT.glob("docker-compose*.yml"))
STACK_FILES = sorted(STACKS.glob("*.yml"))
GUIDE_SECRETS = {
    "flowdb": {
        "FLOWAPI_FLOWDB_USER",
        "FLOWAPI_FLOWDB_PASSWORD",
        "FLOWMACHINE_FLOWDB_PASSWORD",
        "FLOWDB_POSTGRES_PASSWORD",
    },
    "flowmachine": {"FLOWMACHINE_FLOWDB_PASSWORD", "REDIS_PASSWORD"},
    "flowapi": {
        "cert-flowkit.pem",
        "key-flowkit.pem",
        "PUBLIC_JWT_SIGNING_KEY",
        "FLOWAPI_IDENTIFIER",
        "FLOWAPI_FLOWDB_USER",
        "FLOWAPI_FLOWDB_PASSWORD",
    },
}
GUIDE_VARIABLES = {
    "flowdb": {
        *("CACHE_SIZE", "CACHE_PROTECTED_PERIOD", "CACHE_HALF_LIFE", "MAX_CPUS", "SHARED_BUFFERS_SIZE"),
        *("MAX_WORKERS", "MAX_WORKERS_PER_GATHER", "EFFECTIVE_CACHE_SIZE", "MAX_LOCKS_PER_TRANSACTION"),
        "FLOWDB_ENABLE_POSTGRES_DEBUG_MODE",
    },
    "flowmachine": {
        *("FLOWMACHINE_PORT", "FLOWMACHINE_SERVER_DEBUG_MODE", "FLOWMACHINE_LOG_LEVEL"),
        *("FLOWMACHINE_SERVER_DISABLE_DEPENDENCY_CACHING", "FLOWMACHINE_CACHE_PRUNING_FREQUENCY"),
        *("FLOWMACHINE_CACHE_PRUNING_TIMEOUT", "FLOWMACHINE_SERVER_THREADPOOL_SIZE"),
        *("FLOWMACHINE_LEASE", "FLOWMACHINE_SHUTDOWN_GRACE"),
        *("FLOWMACHINE_METRICS_PORT", "FLOWMACHINE_METRICS_HOST"),
        *("DB_CONNECTION_POOL_SIZE", "DB_CONNECTION_POOL_OVERFLOW"),
    },
}


def services(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text())["services"]
    return found


def stack(name: str) -> dict[str, Any]:
    return services(STACKS / f"{name}.yml")


@pytest.mark.parametrize("service", GUIDE_SECRETS)
def test_a_stack_gives_each_service_the_secrets_of_the_guide(service: str) -> None:
    assert set(stack(service)[service]["secrets"]) == GUIDE_SECRETS[service]


@pytest.mark.parametrize("service", GUIDE_VARIABLES)
@pytest.mark.parametrize("kind", ["stack", "compose"])
def test_every_variable_of_the_guide_reaches_its_service(service: str, kind: str) -> None:
    file = STACKS / f"{service}.yml" if kind == "stack" else CHECKOUT / "docker-compose.yml"
    assert set(services(file)[service]["environment"]) >= GUIDE_VARIABLES[service]


def test_secrets_are_external_and_share_a_prefix() -> None:
    for name in CORE:
        for secret, found in yaml.safe_load((STACKS / f"{name}.yml").read_text())["secrets"].items():
            assert found == {"external": True, "name": f"${{FLOWKIT_SECRETS_PREFIX:-}}{secret}"}


@pytest.mark.parametrize(
    "file",
    [CHECKOUT / "docker-compose.yml", *(STACKS / f"{name}.yml" for name in CORE)],
    ids=lambda f: f.name,
)
def test_services_are_hardened_and_only_flowapi_is_published(file: Path) -> None:
    for name, service in services(file).items():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "max-size" in service["logging"]["options"]
        assert ("ports" in service) == (name == "flowapi")


def test_services_talk_over_internal_networks() -> None:
    for file in (CHECKOUT / "docker-compose.yml", *(STACKS / f"{name}.yml" for name in CORE)):
        for name, network in yaml.safe_load(file.read_text())["networks"].items():
            assert network.get("internal", False) == (name != "api")


def test_every_stack_file_is_checked_in_combination() -> None:
    assert {file.stem for file in STACK_FILES} == {*CORE, *ADDITIONS}
    combinations = list(stack_combinations())
    assert len(set(combinations)) == len(combinations) == 3 + 2 ** len(ADDITIONS)


@pytest.mark.parametrize("file", [*COMPOSE_FILES, *STACK_FILES], ids=lambda f: f.name)
def test_every_variable_is_described(file: Path) -> None:
    for name in set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", file.read_text())):
        assert f"`{name}`" in PAGE, name


@pytest.mark.parametrize("name", [*IMAGES, "redis"])
def test_an_image_runs_as_nobody_in_particular_and_can_be_asked(name: str) -> None:
    text = (DOCKERFILES / f"{name}.Dockerfile").read_text()
    assert "org.opencontainers.image.title" in text
    if name in FROM_FLOWDB:
        assert "USER" not in re.findall(r"^[A-Z]+", text, re.MULTILINE)
        return
    assert re.findall(r"^USER (\d+):(\d+)$", text, re.MULTILINE)
    for wanted in ("HEALTHCHECK", "image.version", "image.revision"):
        assert wanted in text


@pytest.mark.parametrize("file", sorted(DOCKERFILES.glob("*.Dockerfile")), ids=lambda f: f.name)
def test_nothing_reaches_a_build_unless_it_is_named(file: Path) -> None:
    rules = (DOCKERFILES / f"{file.name}.dockerignore").read_text().splitlines()
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    assert rules[0] == "*"
    assert all((CHECKOUT / rule[1:]).exists() for rule in rules if rule.startswith("!"))
