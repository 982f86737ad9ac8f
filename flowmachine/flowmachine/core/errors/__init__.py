"""What can go wrong in FlowMachine, as exceptions that say what was wrong and what would be right."""

import datetime as dt
from collections.abc import Iterable


class NotConnectedError(Exception):
    """FlowMachine was used before :func:`flowmachine.connect`."""


class OldFlowDBError(OSError):
    """FlowDB is older than this FlowMachine works with."""


class InvalidSpatialUnitError(ValueError):
    """A spatial unit cannot be used where it was given."""


class MissingDateError(Exception):
    """None of the days that a query needs has been loaded into FlowDB."""

    def __init__(self, start: str | None = None, stop: str | None = None, table: str = "events") -> None:
        self.start, self.stop, self.table = start, stop, table
        super().__init__(
            f"No data in {table} for the dates {start} to {stop} (the end is not included). "
            "The available dates list what has been loaded."
        )


class MissingColumnsError(Exception):
    """Tables lack columns that a query needs."""

    def __init__(self, tables: Iterable[str], columns: Iterable[str]) -> None:
        self.tables, self.columns = sorted(tables), sorted(columns)
        super().__init__(f"{', '.join(self.tables)} must have the columns {', '.join(self.columns)}.")


class UnstorableQueryError(Exception):
    """A query of this kind is never stored."""


class NameTooLongError(Exception):
    """A table's name is longer than PostgreSQL keeps."""

    def __init__(self, name: str, longest: int) -> None:
        super().__init__(f"{name!r} has {len(name.encode())} bytes; a table's name has at most {longest}.")


class UnknownQueryError(ValueError):
    """No stored query has the given id."""


class DisclosureError(Exception):
    """A query would publish data about individuals, so it cannot be exposed."""


class MissingCheckError(Exception):
    """No quality check of the kind has results for the type of events."""

    def __init__(self, cdr_type: str, check_type: str) -> None:
        self.cdr_type, self.check_type = cdr_type, check_type
        super().__init__(
            f"There are no results of a check {check_type!r} of {cdr_type!r}; see available_qa_checks."
        )


def _with_cause(text: str, cause: str) -> str:
    return f"{text}: {cause}" if cause else f"{text}."


class QueryErroredError(Exception):
    """A query ended in an error, here or in another process; the text holds the cause, where it is known."""

    def __init__(self, query_id: str, cause: str = "") -> None:
        self.query_id, self.cause = query_id, cause
        super().__init__(_with_cause(f"Query {query_id} errored", cause))


class QueryCancelledError(Exception):
    """A query was cancelled before it finished."""

    def __init__(self, query_id: str) -> None:
        self.query_id = query_id
        super().__init__(f"Query {query_id} was cancelled.")


class StoreFailedError(Exception):
    """A query ended neither stored nor with an error that could be told."""

    def __init__(self, query_id: str) -> None:
        self.query_id = query_id
        super().__init__(f"Query {query_id} could not be stored.")


class QueryResetFailedError(Exception):
    """A stored result could not be dropped; nothing was changed."""

    def __init__(self, query_id: str, cause: str = "") -> None:
        self.query_id, self.cause = query_id, cause
        super().__init__(_with_cause(f"Query {query_id} could not be reset", cause))


class VanishedInputError(Exception):
    """A stored result was dropped between the planning of a statement and its start."""


# The names that notebooks know.
QueryErroredException = QueryErroredError
QueryCancelledException = QueryCancelledError
QueryResetFailedException = QueryResetFailedError
StoreFailedException = StoreFailedError


def date_span(days: Iterable[dt.date]) -> str:
    """Describe the first and last of some days, for messages."""
    ordered = sorted(days)
    return f"Earliest date is {ordered[0]}, latest is {ordered[-1]}" if ordered else "There are none"
