"""Helpers under the import path that notebooks know; each is described where it is implemented."""

from flowmachine.core import mixins
from flowmachine.core.connection import Connection
from flowmachine.core.dates import list_of_dates, standardise_date, time_period_add
from flowmachine.core.dates import parse_date as parse_datestring
from flowmachine.core.dates import parse_date as standardise_date_to_datetime
from flowmachine.core.distances import get_dist_query_string
from flowmachine.core.mixins import Crs
from flowmachine.core.names import get_name_and_alias
from flowmachine.core.nesting import convert_dict_keys_to_strings, sort_recursively, to_nested_list
from flowmachine.core.pretty import pretty_sql
from flowmachine.core.statistic_types import Statistic

__all__ = [
    "Statistic",
    "convert_dict_keys_to_strings",
    "get_dist_query_string",
    "get_name_and_alias",
    "list_of_dates",
    "parse_datestring",
    "pretty_sql",
    "proj4string",
    "sort_recursively",
    "standardise_date",
    "standardise_date_to_datetime",
    "time_period_add",
    "to_nested_list",
]


def proj4string(conn: Connection, crs: Crs = None) -> str:
    """Return a coordinate reference system as proj4 text, as the FlowDB of a connection knows it."""
    return mixins.proj4string(crs, conn)
