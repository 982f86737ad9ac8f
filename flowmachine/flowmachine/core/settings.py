"""Settings of FlowMachine, from secrets and environment."""

from pydantic import Field, SecretStr

from flowkit_jwt_generator.settings import ServiceSettings
from flowmachine.core.disclosure import THRESHOLD_FLOOR


class FlowDBSettings(ServiceSettings):
    """Where FlowDB is, and how many connections it gets."""

    flowdb_host: str = Field("localhost", alias="FLOWDB_HOST")
    flowdb_port: int = Field(9000, alias="FLOWDB_PORT")
    flowdb_user: str = Field("flowmachine", alias="FLOWMACHINE_FLOWDB_USER")
    flowdb_password: SecretStr = Field(alias="FLOWMACHINE_FLOWDB_PASSWORD")
    flowdb_connection_pool_size: int = Field(5, alias="DB_CONNECTION_POOL_SIZE", ge=1)
    flowdb_connection_pool_overflow: int = Field(1, alias="DB_CONNECTION_POOL_OVERFLOW", ge=0)


class EngineSettings(ServiceSettings):
    """Where Redis is, and how an engine works."""

    redis_host: str = Field("localhost", alias="REDIS_HOST")
    redis_port: int = Field(6379, alias="REDIS_PORT")
    redis_password: SecretStr = Field(alias="REDIS_PASSWORD")
    log_level: str = Field("error", alias="FLOWMACHINE_LOG_LEVEL")
    lease: float = Field(15, alias="FLOWMACHINE_LEASE", ge=1)


class ConnectionSettings(EngineSettings, FlowDBSettings):
    """Where FlowDB and Redis are."""


class CleanupSettings(ConnectionSettings):
    """When to make room in the cache."""

    cache_pruning_frequency: float = Field(86400, alias="FLOWMACHINE_CACHE_PRUNING_FREQUENCY")
    cache_pruning_timeout: float = Field(600, alias="FLOWMACHINE_CACHE_PRUNING_TIMEOUT", gt=0)


class EndpointSettings(ServiceSettings):
    """Where the server listens, and who may talk to it."""

    host: str = Field("*", alias="FLOWMACHINE_BIND_HOST", description="address to listen on; * is every one")
    port: int = Field(5555, alias="FLOWMACHINE_PORT")
    curve_secret_key: SecretStr | None = Field(None, alias="FLOWMACHINE_CURVE_SERVER_SECRET_KEY")
    curve_client_keys: str = Field("", alias="FLOWMACHINE_CURVE_CLIENT_PUBLIC_KEYS")


class ServerSettings(CleanupSettings, EndpointSettings):
    """What the server adds."""

    debug_mode: bool = Field(False, alias="FLOWMACHINE_SERVER_DEBUG_MODE")
    disable_dependency_caching: bool = Field(False, alias="FLOWMACHINE_SERVER_DISABLE_DEPENDENCY_CACHING")
    shutdown_grace: float = Field(5, alias="FLOWMACHINE_SHUTDOWN_GRACE", ge=0)
    metrics_host: str = Field("127.0.0.1", alias="FLOWMACHINE_METRICS_HOST")
    metrics_port: int | None = Field(None, alias="FLOWMACHINE_METRICS_PORT")
    thread_pool_size: int | None = Field(None, alias="FLOWMACHINE_SERVER_THREADPOOL_SIZE", ge=1)
    redaction_threshold: int = Field(
        THRESHOLD_FLOOR, alias="FLOWMACHINE_REDACTION_THRESHOLD", ge=THRESHOLD_FLOOR
    )
