"""Helpers under the import path that notebooks know; each is described where it is implemented."""

from flowmachine.core.dates import list_of_dates, standardise_date, time_period_add
from flowmachine.core.dates import parse_date as parse_datestring
from flowmachine.core.dates import parse_date as standardise_date_to_datetime
from flowmachine.core.distances import get_dist_query_string
from flowmachine.core.mixins import proj4string
from flowmachine.core.names import get_name_and_alias
from flowmachine.core.statistic_types import Statistic

__all__ = [
    "Statistic",
    "get_dist_query_string",
    "get_name_and_alias",
    "list_of_dates",
    "parse_datestring",
    "proj4string",
    "standardise_date",
    "standardise_date_to_datetime",
    "time_period_add",
]
