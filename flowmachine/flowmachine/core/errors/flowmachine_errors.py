"""The public import path of what ends a query, under the names that notebooks know."""

from flowmachine.core.errors import (
    InvalidSpatialUnitError,
    MissingColumnsError,
    MissingDateError,
    NameTooLongError,
    NotConnectedError,
    UnstorableQueryError,
)
from flowmachine.core.errors import QueryCancelledError as QueryCancelledException
from flowmachine.core.errors import QueryErroredError as QueryErroredException
from flowmachine.core.errors import QueryResetFailedError as QueryResetFailedException
from flowmachine.core.errors import StoreFailedError as StoreFailedException

__all__ = [
    "InvalidSpatialUnitError",
    "MissingColumnsError",
    "MissingDateError",
    "NameTooLongError",
    "NotConnectedError",
    "QueryCancelledException",
    "QueryErroredException",
    "QueryResetFailedException",
    "StoreFailedException",
    "UnstorableQueryError",
]
