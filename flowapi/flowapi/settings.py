"""Settings of FlowAPI, and of its health command."""

from pathlib import Path
from typing import Literal

import zmq
from pydantic import Field, SecretStr, field_validator, model_validator

from flowapi.deny_sources import READ_SECONDS, FileSource, RedisSource, SignedSource, Source
from flowapi.flowmachine_client import CurveKeys
from flowkit_jwt_generator.keys import verification_keys
from flowkit_jwt_generator.settings import ServiceSettings, secrets_dir


class BindSettings(ServiceSettings):
    """Where FlowAPI listens.

    The certificate and its key are the secrets ``cert-flowkit.pem`` and ``key-flowkit.pem``; when both
    exist, FlowAPI serves HTTPS.
    """

    host: str = Field(default="0.0.0.0", alias="FLOWAPI_HOST")  # noqa: S104  a service for other hosts
    port: int = Field(default=9090, ge=1, le=65535, alias="FLOWAPI_PORT")

    @property
    def certificate(self) -> Path:
        """File of the TLS certificate chain."""
        return secrets_dir() / "cert-flowkit.pem"

    @property
    def certificate_key(self) -> Path:
        """File of the TLS certificate's key."""
        return secrets_dir() / "key-flowkit.pem"

    @property
    def secure(self) -> bool:
        """Whether FlowAPI serves HTTPS."""
        return self.certificate.is_file() and self.certificate_key.is_file()


class RevocationSettings(ServiceSettings):
    """Where revoked tokens are listed, and the keys that tokens are signed with."""

    public_keys: str = Field(alias="PUBLIC_JWT_SIGNING_KEY", repr=False)
    revoked_tokens_file: Path | None = Field(default=None, alias="FLOWAPI_REVOKED_TOKENS_FILE")
    redis_host: str | None = Field(default=None, alias="FLOWAPI_REDIS_HOST")
    redis_port: int = Field(default=6379, ge=1, le=65535, alias="FLOWAPI_REDIS_PORT")
    redis_password: SecretStr | None = Field(default=None, alias="FLOWAPI_REDIS_PASSWORD")
    revocation_list: str | None = Field(default=None, alias="FLOWAPI_REVOCATION_LIST")

    @field_validator("public_keys")
    @classmethod
    def _keys_load(cls, text: str) -> str:
        try:
            verification_keys(text)
        except ValueError:
            raise ValueError("Failed to load public key.") from None
        return text

    def redis_source(self) -> RedisSource | None:
        """Return the list in Redis, if it is used."""
        if self.redis_host is None:
            return None
        password = self.redis_password.get_secret_value() if self.redis_password else None
        return RedisSource(self.redis_host, self.redis_port, password)

    def deny_sources(self) -> list[Source]:
        """Return every list that is used."""
        sources: list[Source | None] = [
            FileSource(self.revoked_tokens_file) if self.revoked_tokens_file else None,
            self.redis_source(),
            SignedSource(self.revocation_list, verification_keys(self.public_keys))
            if self.revocation_list
            else None,
        ]
        return [source for source in sources if source is not None]


class FlowapiSettings(BindSettings, RevocationSettings):
    """Everything that FlowAPI reads from its secrets and environment."""

    identifier: str = Field(min_length=1, alias="FLOWAPI_IDENTIFIER")
    flowmachine_host: str = Field(alias="FLOWMACHINE_HOST")
    flowmachine_port: int = Field(default=5555, ge=1, le=65535, alias="FLOWMACHINE_PORT")
    flowmachine_timeout: float = Field(default=30.0, gt=0, alias="FLOWAPI_FLOWMACHINE_TIMEOUT")
    curve_server_key: str | None = Field(default=None, alias="FLOWMACHINE_CURVE_SERVER_PUBLIC_KEY")
    curve_client_key: SecretStr | None = Field(default=None, alias="FLOWMACHINE_CURVE_CLIENT_SECRET_KEY")
    flowdb_host: str = Field(alias="FLOWDB_HOST")
    flowdb_port: int = Field(default=9000, ge=1, le=65535, alias="FLOWDB_PORT")
    flowdb_user: str = Field(default="flowapi", alias="FLOWAPI_FLOWDB_USER")
    flowdb_password: SecretStr = Field(alias="FLOWAPI_FLOWDB_PASSWORD")
    flowdb_connections: int = Field(default=20, ge=1, alias="FLOWAPI_FLOWDB_CONNECTIONS")
    flowdb_timeout: float = Field(default=120.0, gt=0, alias="FLOWAPI_FLOWDB_TIMEOUT")
    client_timeout: float = Field(default=600.0, gt=0, alias="FLOWAPI_CLIENT_TIMEOUT")
    revocation_interval: float = Field(default=2.0, gt=0, alias="FLOWAPI_REVOCATION_INTERVAL")
    revocation_max_age: float = Field(default=30.0, gt=0, alias="FLOWAPI_REVOCATION_MAX_AGE")
    shutdown_grace: float = Field(default=10.0, ge=0, alias="FLOWAPI_SHUTDOWN_GRACE")
    metrics_host: str = Field(default="127.0.0.1", alias="FLOWAPI_METRICS_HOST")
    metrics_port: int | None = Field(default=None, ge=1, le=65535, alias="FLOWAPI_METRICS_PORT")
    log_level: Literal["debug", "info", "warning", "error", "critical"] = Field(
        default="error", alias="FLOWAPI_LOG_LEVEL"
    )
    workers: int = Field(default=1, ge=1, alias="FLOWAPI_WORKERS")
    check_nested_units: bool = Field(default=True, alias="FLOWAPI_CHECK_NESTED_UNITS")
    allow_unregistered_subsets: bool = Field(default=False, alias="FLOWAPI_ALLOW_UNREGISTERED_SUBSETS")

    @model_validator(mode="after")
    def _age_allows_for_a_reading(self) -> "FlowapiSettings":
        if self.revocation_max_age < self.revocation_interval + READ_SECONDS:
            raise ValueError(
                "FLOWAPI_REVOCATION_MAX_AGE must be at least FLOWAPI_REVOCATION_INTERVAL and "
                f"{READ_SECONDS:g} seconds, which a reading may take."
            )
        return self

    @model_validator(mode="after")
    def _curve_keys_are_keys(self) -> "FlowapiSettings":
        if (self.curve_server_key is None) != (self.curve_client_key is None):
            raise ValueError(
                "FLOWMACHINE_CURVE_SERVER_PUBLIC_KEY and FLOWMACHINE_CURVE_CLIENT_SECRET_KEY go together."
            )
        if self.curve_keys is not None:
            for key in (self.curve_keys.server_public, self.curve_keys.client_secret):
                try:
                    zmq.curve_public(key.encode())  # public keys have the form of secret ones
                except (ValueError, zmq.ZMQError):
                    raise ValueError("A CURVE key has 40 characters, as `flowmachine keys` makes.") from None
        return self

    @property
    def curve_keys(self) -> CurveKeys | None:
        """The keys for the connection to FlowMachine, if it asks for them."""
        if self.curve_server_key is None or self.curve_client_key is None:
            return None
        return CurveKeys(self.curve_server_key.strip(), self.curve_client_key.get_secret_value().strip())

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, level: object) -> object:
        return level.lower() if isinstance(level, str) else level
