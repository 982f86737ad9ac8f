"""Logging: one JSON object per line, the debug log to stderr, the audit trail to stdout."""

import logging
import sys
from typing import TextIO

import structlog

DEBUG_LOG = "flowmachine.debug"
AUDIT_LOG = "flowmachine.query_run_log"


def set_up(level: str) -> None:
    """Send both logs where they belong; the level is that of the debug log, the audit trail is always on."""
    number = logging.getLevelNamesMapping().get(level.upper())
    _handler(DEBUG_LOG, sys.stderr, number or logging.ERROR)
    _handler(AUDIT_LOG, sys.stdout, logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    if number is None:
        structlog.get_logger(DEBUG_LOG).error("Unknown log level; using ERROR.", given=level)


def _handler(name: str, stream: TextIO, level: int) -> None:
    logger = logging.getLogger(name)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(level)
