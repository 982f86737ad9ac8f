"""Settings of a FlowKit service: a secret file beats the environment variable of the same name.

Every service declares one subclass of :class:`ServiceSettings` and reads it once, at its entry
point, with :func:`load_settings`. Secrets are files named after the variable, in ``/run/secrets``
(where a container engine mounts them) or the directory named by ``FLOWKIT_SECRETS_DIR``.
"""

import os
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

DEFAULT_SECRETS_DIR = Path("/run/secrets")


def secrets_dir() -> Path:
    """Return the directory that holds the secret files of this process."""
    return Path(os.environ.get("FLOWKIT_SECRETS_DIR") or DEFAULT_SECRETS_DIR)


class SettingsError(Exception):
    """A setting is missing or has a value that cannot be used; the text names each in one line."""


class ServiceSettings(BaseSettings):
    """Base of every service's settings: arguments, then secret files, then environment, then defaults.

    An empty environment variable counts as not set, because compose files and stack files pass
    ``NAME=`` for variables that the operator left out.
    """

    model_config = SettingsConfigDict(
        case_sensitive=True, env_ignore_empty=True, extra="ignore", populate_by_name=True, frozen=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put secret files before the environment."""
        sources: list[PydanticBaseSettingsSource] = [init_settings]
        if secrets_dir().is_dir():
            sources.append(
                SecretsSettingsSource(settings_cls, secrets_dir=secrets_dir(), case_sensitive=True)
            )
        return (*sources, env_settings)


S = TypeVar("S", bound=ServiceSettings)


def _said(location: tuple[int | str, ...], kind: str, message: str) -> str:
    reason = message.removeprefix("Value error, ")
    if not location:
        # A check of several settings together names them itself.
        return reason
    name = ".".join(map(str, location))
    return f"'{name}' is not set" if kind == "missing" else f"'{name}' cannot be used: {reason}"


def load_settings(settings_class: type[S], **given: object) -> S:
    """Read the settings of a service from its secrets and environment.

    Parameters
    ----------
    settings_class : type
        The subclass that names the settings.
    given
        Settings by field name that beat both.

    Raises
    ------
    SettingsError
        Naming every setting that is missing or unusable. The values themselves are not repeated,
        because they may be secrets.
    """
    try:
        return settings_class(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = [
            _said(tuple(problem["loc"]), problem["type"], problem["msg"])
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError(
            f"Undefined or unusable configuration: {'; '.join(problems)}. "
            f"Set the environment variable, or a secret file of that name in {secrets_dir()}."
        ) from None
