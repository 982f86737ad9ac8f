"""Outcomes of the quality checks that are made on each day of data."""

from datetime import date

import pandas as pd

from flowclient import _responses, _routes
from flowclient._requests import fetch
from flowclient._steps import finish
from flowclient.connection import Connection


def get_available_qa_checks(
    *, connection: Connection, event_types: list[str] | None = None
) -> list[dict[str, str]]:
    """Return the kinds of quality checks: objects with ``cdr_type`` and ``type_of_query_or_check``."""
    return _responses.available_qa_checks(finish(fetch(connection, "qa/")), event_types)


def get_available_qa_checks_df(
    *, connection: Connection, event_types: list[str] | None = None
) -> pd.DataFrame:
    """Return the kinds of quality checks as a data frame."""
    return pd.DataFrame(get_available_qa_checks(connection=connection, event_types=event_types))


def get_qa_check_outcome(
    *, connection: Connection, event_type: str, check_type: str, event_date: str | date
) -> str:
    """Return the outcome of one quality check on the data of one day, as text."""
    response = finish(fetch(connection, _routes.qa_check(event_type, check_type, event_date)))
    return _responses.text_content(response, "qa check outcome")


def get_qa_check_outcomes(
    *,
    connection: Connection,
    event_type: str,
    check_type: str,
    start_date: str | date,
    end_date: str | date,
) -> list[dict[str, str]]:
    """Return the outcomes of one quality check from the start date to the end date, both included.

    Returns
    -------
    list of dict
        Objects with ``cdr_date``, ``type_of_query_or_check`` and ``outcome``.
    """
    response = finish(
        fetch(
            connection,
            _routes.qa_check(event_type, check_type),
            params={"start_date": str(start_date), "end_date": str(end_date)},
        )
    )
    outcomes: list[dict[str, str]] = _responses.json_content(response, "qa check outcome")
    return outcomes


def get_qa_check_outcomes_df(
    *,
    connection: Connection,
    event_type: str,
    check_type: str,
    start_date: str | date,
    end_date: str | date,
) -> pd.DataFrame:
    """Return the outcomes of one quality check as a data frame; see `get_qa_check_outcomes`."""
    return pd.DataFrame(
        get_qa_check_outcomes(
            connection=connection,
            event_type=event_type,
            check_type=check_type,
            start_date=start_date,
            end_date=end_date,
        )
    )
