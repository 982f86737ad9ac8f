"""Logging: one JSON object per line, the debug log to stderr, the audit trail to stdout.

Only FlowMachine's own two loggers are configured, so that an application that uses the library keeps
its logging as it is.
"""

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.stdlib import BoundLogger

DEBUG_LOG = "flowmachine.debug"
AUDIT_LOG = "flowmachine.query_run_log"

_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.filter_by_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(default=str),
]


def _logger(name: str, **context: Any) -> BoundLogger:
    logger: BoundLogger = structlog.wrap_logger(
        logging.getLogger(name), processors=_PROCESSORS, wrapper_class=BoundLogger, **context
    )
    return logger


def debug_log(submodule: str) -> BoundLogger:
    """Return the debug log for a module."""
    return _logger(DEBUG_LOG, submodule=submodule)


def audit_log() -> BoundLogger:
    """Return the log of who asked for what."""
    return _logger(AUDIT_LOG)


def set_up(level: str) -> None:
    """Send both logs where they belong; the level is that of the debug log, the audit trail is always on."""
    number = logging.getLevelNamesMapping().get(level.upper())
    _handle(DEBUG_LOG, sys.stderr, number or logging.ERROR)
    _handle(AUDIT_LOG, sys.stdout, logging.INFO)
    if number is None:
        debug_log(__name__).error("Unknown log level; using ERROR.", given=level)


def _handle(name: str, stream: TextIO, level: int) -> None:
    logger = logging.getLogger(name)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(level)
