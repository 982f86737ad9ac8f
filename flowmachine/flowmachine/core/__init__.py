"""The engine: queries as values, their SQL, plans, execution, states and the catalogue of results."""

from flowmachine.core.connect import connect, connections, disconnect
from flowmachine.core.connection import Connection
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import make_spatial_unit

__all__ = ["Connection", "Query", "connect", "connections", "disconnect", "make_spatial_unit"]
