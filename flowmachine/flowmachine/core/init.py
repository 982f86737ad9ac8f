"""The public import path of connecting."""

from flowmachine.core.connect import connect, connections, disconnect

__all__ = ["connect", "connections", "disconnect"]
