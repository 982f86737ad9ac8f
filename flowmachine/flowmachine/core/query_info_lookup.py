"""The public path of :mod:`flowmachine.server.query_info_lookup`."""

from flowmachine.server.query_info_lookup import QueryInfoLookup, QueryInfoLookupError, UnkownQueryIdError

__all__ = ["QueryInfoLookup", "QueryInfoLookupError", "UnkownQueryIdError"]
