"""The four logs, each line one JSON object.

``flowapi.access`` (who asked, and was it granted) and ``flowapi.query`` (what was asked) go to standard
output, and so does ``flowapi.audit``, a line at the end of each request that says how it ended;
``flowapi.debug``, and whatever libraries log, to standard error. Neither result rows nor tokens nor a
caller's full list of scopes reach any of them.
"""

import logging
import logging.config
import sys
from typing import Any, TextIO

import orjson
import structlog

ACCESS = "flowapi.access"
QUERY = "flowapi.query"
AUDIT = "flowapi.audit"
DEBUG = "flowapi.debug"

# A caller may post 16 MiB; the log keeps only what could be a query spec written by a person.
MAX_LOGGED_PAYLOAD = 64 * 1024


class _StandardStream(logging.StreamHandler[TextIO]):
    """Handler that looks its stream up at each line, so that a redirected stream is honoured."""

    def __init__(self, name: str) -> None:
        self._name_of_stream = name
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """The process's current standard stream."""
        stream: TextIO = getattr(sys, self._name_of_stream)
        return stream


def _to_json(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()


def configure_logging(level: str) -> None:
    """Set the logs up; `level` is that of the debug log."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(serializer=_to_json),
        ],
        "foreign_pre_chain": shared,
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": formatter},
            "handlers": {
                "stdout": {"()": _StandardStream, "name": "stdout", "formatter": "json"},
                "stderr": {"()": _StandardStream, "name": "stderr", "formatter": "json"},
            },
            "loggers": {
                ACCESS: {"handlers": ["stdout"], "level": "INFO", "propagate": False},
                QUERY: {"handlers": ["stdout"], "level": "INFO", "propagate": False},
                AUDIT: {"handlers": ["stdout"], "level": "INFO", "propagate": False},
                DEBUG: {"handlers": ["stderr"], "level": level.upper(), "propagate": False},
            },
            "root": {"handlers": ["stderr"], "level": "WARNING"},
        }
    )
    # Python's own warnings, so that these lines are JSON as well.
    logging.captureWarnings(True)


def access_log() -> structlog.stdlib.BoundLogger:
    """Return the log of who asked, and whether it was granted."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(ACCESS)
    return logger


def query_log() -> structlog.stdlib.BoundLogger:
    """Return the log of what was asked."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(QUERY)
    return logger


def audit_log() -> structlog.stdlib.BoundLogger:
    """Return the log of how requests ended."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(AUDIT)
    return logger


def debug_log() -> structlog.stdlib.BoundLogger:
    """Return the log for operators and developers."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(DEBUG)
    return logger


def bind_request(request_id: str, path: str, src_ip: str, user: str | None = None) -> None:
    """Name the current request in every line logged from here on in its task."""
    structlog.contextvars.bind_contextvars(
        request={"request_id": request_id, "path": path, "src_ip": src_ip, "user": str(user)}
    )
