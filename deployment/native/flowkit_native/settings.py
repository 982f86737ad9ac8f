"""What the environment says about a native installation."""

import os
from pathlib import Path

from pydantic import Field

from flowkit_jwt_generator.settings import ServiceSettings
from flowkit_native.home import Home

CHECKOUT = Path(__file__).resolve().parents[3]

# Settings of the services that an operator may give to `make up`; nothing else of the caller's environment
# reaches a service.
PASSED_ON = (
    *("CACHE_SIZE", "CACHE_HALF_LIFE", "CACHE_PROTECTED_PERIOD", "MAX_CPUS", "MAX_WORKERS"),
    *("MAX_WORKERS_PER_GATHER", "SHARED_BUFFERS_SIZE", "EFFECTIVE_CACHE_SIZE", "STATS_TARGET"),
    *("MAX_LOCKS_PER_TRANSACTION", "FLOWDB_ENABLE_POSTGRES_DEBUG_MODE", "NO_USE_JIT", "LOCATION_TABLE"),
    *("FLOWMACHINE_LOG_LEVEL", "FLOWMACHINE_SERVER_DEBUG_MODE", "FLOWMACHINE_SERVER_THREADPOOL_SIZE"),
    *("FLOWMACHINE_SERVER_DISABLE_DEPENDENCY_CACHING", "FLOWMACHINE_CACHE_PRUNING_FREQUENCY"),
    *("FLOWMACHINE_CACHE_PRUNING_TIMEOUT", "FLOWMACHINE_REDACTION_THRESHOLD", "FLOWMACHINE_LEASE"),
    *("FLOWMACHINE_SHUTDOWN_GRACE", "FLOWMACHINE_METRICS_PORT", "FLOWMACHINE_METRICS_HOST"),
    *("DB_CONNECTION_POOL_SIZE", "DB_CONNECTION_POOL_OVERFLOW", "FLOWAPI_LOG_LEVEL", "FLOWAPI_WORKERS"),
)


class NativeSettings(ServiceSettings):
    """Settings of a native installation.

    Attributes
    ----------
    home
        Where its private files live.
    flowdb_port, flowmachine_port, flowapi_port, redis_port
        Ports to prefer; the next free one is taken if a port is in use.
    identifier
        The name of the API server: the audience of its tokens.
    start_timeout
        Seconds to wait for one service to answer.
    """

    home_directory: Path = Field(default=CHECKOUT / ".flowkit", alias="FLOWKIT_HOME")
    flowdb_port: int = Field(default=9000, ge=1, le=65535, alias="FLOWDB_PORT")
    flowmachine_port: int = Field(default=5555, ge=1, le=65535, alias="FLOWMACHINE_PORT")
    flowapi_port: int = Field(default=9090, ge=1, le=65535, alias="FLOWAPI_PORT")
    redis_port: int = Field(default=6390, ge=1, le=65535, alias="REDIS_PORT")
    identifier: str = Field(default="flowkit.local", min_length=1, alias="FLOWAPI_IDENTIFIER")
    start_timeout: float = Field(default=300.0, gt=0, alias="FLOWKIT_START_TIMEOUT")

    @property
    def home(self) -> Home:
        """The directories of this installation."""
        return Home(path=self.home_directory.resolve(), checkout=CHECKOUT)

    def preferred_ports(self) -> dict[str, int]:
        """Return the port each service would like."""
        return {
            "redis": self.redis_port,
            "flowdb": self.flowdb_port,
            "flowmachine": self.flowmachine_port,
            "flowapi": self.flowapi_port,
        }


def passed_on() -> dict[str, str]:
    """Return the settings of services that the caller's environment holds."""
    return {name: os.environ[name] for name in PASSED_ON if os.environ.get(name)}
