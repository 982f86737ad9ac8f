"""What the environment says about images and containers."""

import os
from pathlib import Path

from pydantic import Field

from flowkit_containers import secrets_file
from flowkit_containers.docker import CHECKOUT
from flowkit_jwt_generator.settings import ServiceSettings, load_settings

OFFICIAL_BASE = "debian:trixie-slim"
OFFICIAL_REDIS = "redis:7.2-bookworm"
LOCAL_BASE = "flowkit-base:trixie"
_SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


class ContainerSettings(ServiceSettings):
    """Settings of images and of the installation under compose.

    Attributes
    ----------
    repository, tag
        The names of FlowKit's images: ``repository/name:tag``.
    base_image, redis_image
        Images of others. If not set: the official ones, or those made from packages of the distribution
        where the official ones cannot be pulled.
    ca_bundle
        Certificates that builds trust: by default those of this machine, which on a site with an inspecting
        proxy include its own.
    build_network
        The network that builds use.
    oracle_source, instant_client_version
        The directory of what the Oracle image is made from, without which there is none; the version of the
        client where the directory has several.
    services
        What to run under compose; ``flowdb_testdata`` and ``flowdb_synthetic_data`` choose the data.
    env_file
        The file with the passwords and keys of the installation under compose.
    port
        Where FlowAPI is published on this host.
    """

    repository: str = Field(default="flowminder", alias="CONTAINER_REPOSITORY", min_length=1)
    tag: str = Field(default="latest", alias="CONTAINER_TAG", min_length=1)
    base_image: str | None = Field(default=None, alias="BASE_IMAGE")
    redis_image: str | None = Field(default=None, alias="REDIS_IMAGE")
    ca_bundle: Path | None = Field(
        default_factory=lambda: Path(os.environ.get("SSL_CERT_FILE") or _SYSTEM_BUNDLE), alias="CA_BUNDLE"
    )
    build_network: str = Field(default="host", alias="BUILD_NETWORK")
    oracle_source: Path | None = Field(default=None, alias="ORACLE_BINARY_SOURCE")
    instant_client_version: str = Field(default="", alias="INSTANT_CLIENT_VERSION")
    services: str = Field(
        default="flowdb flowmachine_query_locker flowmachine flowapi", alias="DOCKER_SERVICES", min_length=1
    )
    project: str = Field(default="flowkit", alias="COMPOSE_PROJECT_NAME", min_length=1)
    env_file: Path = Field(default=CHECKOUT / ".env", alias="FLOWKIT_ENV_FILE")
    port: int = Field(default=9090, ge=1, le=65535, alias="FLOWAPI_PORT")
    home: Path = Field(default=CHECKOUT / ".flowkit", alias="FLOWKIT_HOME")

    def image(self, name: str) -> str:
        """Return the full name of one of FlowKit's images."""
        return f"{self.repository}/{name}:{self.tag}"


def load() -> ContainerSettings:
    """Read the settings from the environment and, where it is silent, from the file of compose."""
    settings = load_settings(ContainerSettings)
    written = secrets_file.read(settings.env_file)
    given = {
        name: written[field.alias]
        for name, field in ContainerSettings.model_fields.items()
        if field.alias in written and not os.environ.get(field.alias)
    }
    return load_settings(ContainerSettings, **given)
