"""Outcomes of the quality checks that are made on each day of data, asynchronously."""

from datetime import date

import pandas as pd

from flowclient import _responses, _routes
from flowclient._requests import fetch
from flowclient._steps import finish_asynchronously
from flowclient.async_connection import ASyncConnection


async def get_available_qa_checks(
    *, connection: ASyncConnection, event_types: list[str] | None = None
) -> list[dict[str, str]]:
    """Return the kinds of quality checks: objects with ``cdr_type`` and ``type_of_query_or_check``."""
    return _responses.available_qa_checks(await finish_asynchronously(fetch(connection, "qa/")), event_types)


async def get_available_qa_checks_df(
    *, connection: ASyncConnection, event_types: list[str] | None = None
) -> pd.DataFrame:
    """Return the kinds of quality checks as a data frame."""
    return pd.DataFrame(await get_available_qa_checks(connection=connection, event_types=event_types))


async def get_qa_check_outcome(
    *, connection: ASyncConnection, event_type: str, check_type: str, event_date: str | date
) -> str:
    """Return the outcome of one quality check on the data of one day, as text."""
    response = await finish_asynchronously(
        fetch(connection, _routes.qa_check(event_type, check_type, event_date))
    )
    return _responses.text_content(response, "qa check outcome")


async def get_qa_check_outcomes(
    *,
    connection: ASyncConnection,
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
    response = await finish_asynchronously(
        fetch(
            connection,
            _routes.qa_check(event_type, check_type),
            params={"start_date": str(start_date), "end_date": str(end_date)},
        )
    )
    outcomes: list[dict[str, str]] = _responses.json_content(response, "qa check outcome")
    return outcomes


async def get_qa_check_outcomes_df(
    *,
    connection: ASyncConnection,
    event_type: str,
    check_type: str,
    start_date: str | date,
    end_date: str | date,
) -> pd.DataFrame:
    """Return the outcomes of one quality check as a data frame; see `get_qa_check_outcomes`."""
    return pd.DataFrame(
        await get_qa_check_outcomes(
            connection=connection,
            event_type=event_type,
            check_type=check_type,
            start_date=start_date,
            end_date=end_date,
        )
    )
