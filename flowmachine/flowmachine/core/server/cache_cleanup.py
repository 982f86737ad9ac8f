"""The public path of :mod:`flowmachine.server.cache_cleanup`."""

from flowmachine.server.cache_cleanup import main, watch_and_shrink_cache

__all__ = ["main", "watch_and_shrink_cache"]
