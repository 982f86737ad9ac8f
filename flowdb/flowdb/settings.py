"""What the environment and the secrets say about FlowDB."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, StringConstraints, model_validator

from flowkit_jwt_generator.settings import ServiceSettings

DATABASE = "flowdb"
"""The name of the database; it is the same everywhere."""

FLOWMACHINE_ROLE = "flowmachine"
"""The role that owns cached results, whatever the name of the user that FlowMachine logs in as."""


def _unquoted(value: object) -> object:
    """Take a pair of literal quotes for an empty value: compose files pass them for unset variables."""
    if isinstance(value, str) and value.strip("\"' ") == "":
        return None
    return value


_Size = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*\s?(B|kB|KB|MB|GB|TB)$")]
MemorySize = Annotated[_Size | None, BeforeValidator(_unquoted)]
Count = Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(_unquoted)]
Period = Annotated[int | None, BeforeValidator(_unquoted)]
HalfLife = Annotated[Annotated[float, Field(gt=0)] | None, BeforeValidator(_unquoted)]
StatisticsTarget = Annotated[Annotated[int, Field(ge=1, le=10000)] | None, BeforeValidator(_unquoted)]
LockCount = Annotated[Annotated[int, Field(ge=10)] | None, BeforeValidator(_unquoted)]
Password = Annotated[SecretStr, Field(min_length=1)]


class ConnectionSettings(ServiceSettings):
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
    port: int = Field(default=5432, alias="FLOWDB_PORT", ge=1, le=65535)
    superuser: str = Field(default="flowdb", alias="POSTGRES_USER", min_length=1)
    superuser_password: Password = Field(
        validation_alias=AliasChoices("FLOWDB_POSTGRES_PASSWORD", "POSTGRES_PASSWORD")
    )
    superuser_password_file: Path | None = Field(default=None, alias="POSTGRES_PASSWORD_FILE")

    @model_validator(mode="before")
    @classmethod
    def _password_from_file(cls, given: dict[str, object]) -> dict[str, object]:
        """Take the password from the file that stack files for other PostgreSQL images name."""
        names = {"superuser_password", "FLOWDB_POSTGRES_PASSWORD", "POSTGRES_PASSWORD"}
        file = given.get("POSTGRES_PASSWORD_FILE")
        if file is None or names & given.keys():
            return given
        try:
            return given | {"POSTGRES_PASSWORD": Path(str(file)).read_text(encoding="utf-8").strip()}
        except OSError as error:
            raise ValueError(f"POSTGRES_PASSWORD_FILE cannot be read: {error.strerror}") from None


class SyntheticDataSettings(ServiceSettings):
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


class ClusterLocation(ServiceSettings):
    """Where the files of the cluster are, and which system user owns them."""

    data_directory: Path = Field(default=Path("/var/lib/postgresql/data"), alias="PGDATA")
    system_user: str = Field(default="postgres", alias="FLOWDB_SYSTEM_USER")
    socket_directory: Path | None = Field(default=None, alias="FLOWDB_SOCKET_DIRECTORY")


class ServerSettings(ConnectionSettings, ClusterLocation):
    """Everything a FlowDB server reads at each start.

    A tuning value that is not set is worked out from the machine by :mod:`flowdb.config`.
    """

    listen_addresses: str = Field(default="localhost", alias="FLOWDB_LISTEN_ADDRESSES")

    flowmachine_user: str = Field(default=FLOWMACHINE_ROLE, alias="FLOWMACHINE_FLOWDB_USER", min_length=1)
    flowmachine_password: Password = Field(alias="FLOWMACHINE_FLOWDB_PASSWORD")
    flowapi_user: str = Field(default="flowapi", alias="FLOWAPI_FLOWDB_USER", min_length=1)
    flowapi_password: Password = Field(alias="FLOWAPI_FLOWDB_PASSWORD")

    version: str = Field(default="2.0.0", alias="FLOWDB_VERSION", min_length=1)
    release_date: date = Field(default=date(2026, 11, 23), alias="FLOWDB_RELEASE_DATE")
    location_table: str = Field(default="infrastructure.cells", alias="LOCATION_TABLE", min_length=1)

    cache_size: Count = Field(default=None, alias="CACHE_SIZE")
    cache_half_life: HalfLife = Field(default=None, alias="CACHE_HALF_LIFE")
    cache_protected_period: Period = Field(default=None, alias="CACHE_PROTECTED_PERIOD")

    max_cpus: Count = Field(default=None, alias="MAX_CPUS")
    max_workers: Count = Field(default=None, alias="MAX_WORKERS")
    max_workers_per_gather: Count = Field(default=None, alias="MAX_WORKERS_PER_GATHER")
    shared_buffers: MemorySize = Field(default=None, alias="SHARED_BUFFERS_SIZE")
    effective_cache_size: MemorySize = Field(default=None, alias="EFFECTIVE_CACHE_SIZE")
    statistics_target: StatisticsTarget = Field(default=None, alias="STATS_TARGET")
    max_locks_per_transaction: LockCount = Field(default=None, alias="MAX_LOCKS_PER_TRANSACTION")
    max_connections: int = Field(default=200, alias="FLOWDB_MAX_CONNECTIONS", ge=10)
    jit: bool = Field(default=False, alias="JIT")
    no_use_jit: bool = Field(default=False, alias="NO_USE_JIT")
    log_destination: Literal["stderr", "csvlog", "jsonlog"] = Field(
        default="jsonlog", alias="FLOWDB_LOG_DEST"
    )
    debug_mode: bool = Field(default=False, alias="FLOWDB_ENABLE_POSTGRES_DEBUG_MODE")
    durable: bool = Field(default=True, alias="FLOWDB_DURABLE")
