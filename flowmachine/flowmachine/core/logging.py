"""The public path of :mod:`flowmachine.core.logs`."""

import logging

from flowmachine.core import logs

__all__ = ["init_logging", "set_log_level"]


def init_logging(log_level: str = "error") -> None:
    """Send both logs where they belong, as :func:`flowmachine.connect` does."""
    logs.set_up(log_level)


def set_log_level(logger_name: str, log_level: str) -> None:
    """Set the level of one log: of the debug log (``flowmachine.debug``), say.

    An unknown level counts as ``ERROR``, and is told.
    """
    number = logging.getLevelNamesMapping().get(log_level.upper())
    logging.getLogger(logger_name).setLevel(number or logging.ERROR)
    if number is None:
        logs.debug_log(__name__).error("Unknown log level; using ERROR.", given=log_level)
