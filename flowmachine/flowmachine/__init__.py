"""FlowMachine: queries over call detail records, compiled to PostGIS SQL, run, cached and redacted."""

from flowmachine import core, features, utils
from flowmachine.core import connect, connections, disconnect
from flowmachine.features import GroupValues, feature_collection
from flowmachine.versions import __version__

__all__ = [
    "GroupValues",
    "__version__",
    "connect",
    "connections",
    "core",
    "disconnect",
    "feature_collection",
    "features",
    "utils",
]
