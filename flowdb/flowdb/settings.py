"""What the environment and the secrets say about FlowDB."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator

from flowdb.values import (
    BufferSize,
    Connections,
    DiskSize,
    HalfLife,
    Locks,
    Port,
    Processors,
    Release,
    RoleName,
    Seconds,
    StatisticsTarget,
    Switch,
    TableName,
    Workers,
    is_unset,
)
from flowkit_jwt_generator.settings import ServiceSettings

DATABASE = "flowdb"
"""The name of the database; it is the same everywhere."""

FLOWMACHINE_ROLE = "flowmachine"
"""The role that owns cached results, whatever the name of the user that FlowMachine logs in as."""


Password = Annotated[SecretStr, Field(min_length=1)]


class FlowDBSettings(ServiceSettings):
    """Settings for which a pair of quotes, like nothing at all, stands for the default."""

    @model_validator(mode="before")
    @classmethod
    def _only_what_is_set(cls, given: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in given.items() if not is_unset(value)}


class ConnectionSettings(FlowDBSettings):
    """How to reach FlowDB as its superuser.

    Attributes
    ----------
    host, port
        Where the server answers.
    superuser, superuser_password
        The role that owns the schema and loads data.
    superuser_password_file
        A file that holds the password, if it is not given otherwise.
    """

    host: str = Field(default="localhost", alias="FLOWDB_HOST")
    port: Port = Field(default=5432, alias="FLOWDB_PORT")
    superuser: RoleName = Field(default="flowdb", alias="POSTGRES_USER")
    superuser_password: Password = Field(
        validation_alias=AliasChoices("FLOWDB_POSTGRES_PASSWORD", "POSTGRES_PASSWORD")
    )
    superuser_password_file: Path | None = Field(default=None, alias="POSTGRES_PASSWORD_FILE")

    @model_validator(mode="before")
    @classmethod
    def _password_from_file(cls, given: dict[str, object]) -> dict[str, object]:
        """Take the password from the file that stack files for other PostgreSQL images name."""
        given = {name: value for name, value in given.items() if not is_unset(value)}
        names = {"superuser_password", "FLOWDB_POSTGRES_PASSWORD", "POSTGRES_PASSWORD"}
        file = given.get("POSTGRES_PASSWORD_FILE")
        if file is None or names & given.keys():
            return given
        try:
            return given | {"POSTGRES_PASSWORD": Path(str(file)).read_text(encoding="utf-8").strip()}
        except OSError as error:
            raise ValueError(f"POSTGRES_PASSWORD_FILE cannot be read: {error.strerror}") from None


class SyntheticDataSettings(FlowDBSettings):
    """What must be said before a server is made with synthetic data.

    Attributes
    ----------
    generator
        Which generator makes the data. Naming one says that synthetic data is wanted.
    country
        The country whose outline is bundled.
    """

    generator: Literal["python", "sql"] = Field(alias="SYNTHETIC_DATA_GENERATOR")
    country: Literal["NPL"] = Field(default="NPL", alias="COUNTRY")


class ClusterLocation(FlowDBSettings):
    """Where the files of the cluster are, and which system user owns them."""

    data_directory: Path = Field(default=Path("/var/lib/postgresql/data"), alias="PGDATA")
    system_user: str = Field(default="postgres", alias="FLOWDB_SYSTEM_USER")
    socket_directory: Path | None = Field(default=None, alias="FLOWDB_SOCKET_DIRECTORY")


class ServerSettings(ConnectionSettings, ClusterLocation):
    """Everything a FlowDB server reads at each start.

    A tuning value that is not set is worked out from the machine by :mod:`flowdb.config`.
    """

    listen_addresses: str = Field(default="localhost", alias="FLOWDB_LISTEN_ADDRESSES")

    flowmachine_user: RoleName = Field(default=FLOWMACHINE_ROLE, alias="FLOWMACHINE_FLOWDB_USER")
    flowmachine_password: Password = Field(alias="FLOWMACHINE_FLOWDB_PASSWORD")
    flowapi_user: RoleName = Field(default="flowapi", alias="FLOWAPI_FLOWDB_USER")
    flowapi_password: Password = Field(alias="FLOWAPI_FLOWDB_PASSWORD")

    version: Release = Field(default="2.0.0", alias="FLOWDB_VERSION")
    release_date: date = Field(default=date(2026, 11, 23), alias="FLOWDB_RELEASE_DATE")
    location_table: TableName = Field(default="infrastructure.cells", alias="LOCATION_TABLE")

    cache_size: DiskSize | None = Field(default=None, alias="CACHE_SIZE")
    cache_half_life: HalfLife | None = Field(default=None, alias="CACHE_HALF_LIFE")
    cache_protected_period: Seconds | None = Field(default=None, alias="CACHE_PROTECTED_PERIOD")

    max_cpus: Processors | None = Field(default=None, alias="MAX_CPUS")
    max_workers: Workers | None = Field(default=None, alias="MAX_WORKERS")
    max_workers_per_gather: Workers | None = Field(default=None, alias="MAX_WORKERS_PER_GATHER")
    shared_buffers: BufferSize | None = Field(default=None, alias="SHARED_BUFFERS_SIZE")
    effective_cache_size: BufferSize | None = Field(default=None, alias="EFFECTIVE_CACHE_SIZE")
    statistics_target: StatisticsTarget | None = Field(default=None, alias="STATS_TARGET")
    max_locks_per_transaction: Locks | None = Field(default=None, alias="MAX_LOCKS_PER_TRANSACTION")
    max_connections: Connections = Field(default=200, alias="FLOWDB_MAX_CONNECTIONS")
    jit: Switch | None = Field(default=None, alias="JIT")
    no_use_jit: Switch | None = Field(default=None, alias="NO_USE_JIT")
    log_destination: Literal["stderr", "csvlog", "jsonlog"] = Field(
        default="jsonlog", alias="FLOWDB_LOG_DEST"
    )
    log_statements: Switch = Field(default=False, alias="FLOWDB_LOG_STATEMENTS")
    debug_mode: Switch = Field(default=False, alias="FLOWDB_ENABLE_POSTGRES_DEBUG_MODE")
    durable: Switch = Field(default=True, alias="FLOWDB_DURABLE")
    configuration_path: Path | None = Field(default=None, alias="AUTO_CONFIG_PATH")
    configuration_name: str | None = Field(default=None, alias="AUTO_CONFIG_FILE_NAME")

    @field_validator("release_date", mode="before")
    @classmethod
    def _written_as_a_date(cls, value: object) -> object:
        if isinstance(value, str):
            try:
                return date.fromisoformat(value.strip())
            except ValueError:
                raise ValueError(f"'{value}' is not a date such as 2026-11-23") from None
        return value

    @field_validator("configuration_path")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_absolute():
            raise ValueError(f"'{value}' is not an absolute path")
        return value

    @field_validator("configuration_name")
    @classmethod
    def _bare_name(cls, value: str | None) -> str | None:
        if value is not None and (value in (".", "..") or "/" in value):
            raise ValueError(f"'{value}' is not the name of a file: AUTO_CONFIG_PATH names its directory")
        return value

    @model_validator(mode="after")
    def _roles_differ(self) -> "ServerSettings":
        """Refuse one role in two parts: setting the second password would lock out the first."""
        if self.superuser in (self.flowmachine_user, self.flowapi_user, FLOWMACHINE_ROLE):
            raise ValueError(
                f"POSTGRES_USER is '{self.superuser}', which is also FlowMachine's or FlowAPI's user: "
                "the three must differ"
            )
        if self.flowapi_user in (self.flowmachine_user, FLOWMACHINE_ROLE):
            raise ValueError(
                f"FLOWAPI_FLOWDB_USER is '{self.flowapi_user}', which is FlowMachine's: the two must differ"
            )
        return self
