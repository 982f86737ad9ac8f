"""Waiting for a query, as steps."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import httpx

from flowclient._polling import Patience, Progress
from flowclient._steps import Pause, Steps
from flowclient.errors import FlowclientUnavailableError

logger: logging.Logger = logging.getLogger(__name__)


def until_ready(
    ask: Callable[[], Any],
    *,
    query_id: str,
    poll_interval: float,
    disable_progress: bool | None,
    timeout: float | None,
) -> Steps[httpx.Response]:
    """Ask whether a query is ready until it is, and return the last answer.

    Whoever interrupts the wait is told what becomes of the query: FlowAPI has no way to cancel one.
    """
    patience = Patience(poll_interval, timeout)
    progress = Progress(disable_progress)
    try:
        while True:
            try:
                ready, response = yield ask()
            except FlowclientUnavailableError as error:
                patience.failed(error)
                logger.warning("Could not poll query %s, trying again: %s", query_id, error)
            else:
                patience.answered()
                if ready:
                    progress.complete()
                    return response  # type: ignore[no-any-return]
                progress.show(response)
            yield Pause(patience.interval(query_id))
    except (KeyboardInterrupt, asyncio.CancelledError) as interruption:
        interruption.add_note(
            f"Only the waiting was interrupted: query {query_id} goes on at the server. "
            f'Fetch its result later with get_result_by_query_id(connection=..., query_id="{query_id}").'
        )
        logger.info("Waiting for query %s was interrupted; it goes on at the server.", query_id)
        raise
    finally:
        progress.close()
