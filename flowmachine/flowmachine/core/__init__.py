"""The engine: queries as values, their SQL, plans, execution, states and the catalogue of results."""

from flowmachine.core.connect import connect, connections, disconnect
from flowmachine.core.connection import Connection
from flowmachine.core.custom_query import CustomQuery
from flowmachine.core.geotable import GeoTable
from flowmachine.core.grid import Grid
from flowmachine.core.join_to_location import JoinToLocation, location_joined_query
from flowmachine.core.logging import init_logging, set_log_level
from flowmachine.core.query import Query
from flowmachine.core.spatial_unit import make_spatial_unit
from flowmachine.core.table import Table

__all__ = [
    "Connection",
    "CustomQuery",
    "GeoTable",
    "Grid",
    "JoinToLocation",
    "Query",
    "Table",
    "connect",
    "connections",
    "disconnect",
    "init_logging",
    "location_joined_query",
    "make_spatial_unit",
    "set_log_level",
]
