"""FlowMachine: queries over call detail records, compiled to PostGIS SQL, run, cached and redacted."""

from flowmachine import core, features, utils
from flowmachine.core import connect, connections, disconnect
from flowmachine.versions import __version__

__all__ = ["__version__", "connect", "connections", "core", "disconnect", "features", "utils"]
