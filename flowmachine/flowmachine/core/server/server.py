"""The public path of :mod:`flowmachine.server.main`."""

from flowmachine.server.main import main

__all__ = ["main"]
