"""The public import path of query states."""

from flowmachine.core.state import QueryState

__all__ = ["QueryState"]
