"""The public import path of what ends a query, under the names that notebooks know."""

from flowmachine.core.errors import (
    InvalidSpatialUnitError,
    MissingColumnsError,
    MissingDateError,
    NameTooLongError,
    NotConnectedError,
    QueryCancelledException,
    QueryErroredException,
    QueryResetFailedException,
    StoreFailedException,
    UnstorableQueryError,
)

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
