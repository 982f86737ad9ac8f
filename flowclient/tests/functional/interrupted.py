"""A program that waits for a query until it gets Ctrl-C, and goes on with the same connection after it."""

import asyncio
import sys
import traceback
import warnings

import flowclient
from flowclient import async_client


def report() -> None:
    """Write what a terminal or a notebook would show."""
    sys.stdout.write(traceback.format_exc())


def wait(url: str, token: str) -> object:
    with flowclient.connect(url=url, token=token) as connection:
        query = connection.make_api_query({"query_kind": "dummy_query"})
        try:
            query.get_result(poll_interval=60, disable_progress=False)
        except KeyboardInterrupt:
            report()
        return query.query_id, flowclient.get_available_dates(connection=connection)


async def wait_asynchronously(url: str, token: str) -> object:
    async with await flowclient.connect_async(url=url, token=token) as connection:
        query = connection.make_api_query({"query_kind": "dummy_query"})
        try:
            await query.get_result(poll_interval=60, disable_progress=False)
        except asyncio.CancelledError:
            report()
        return query.query_id, await async_client.get_available_dates(connection=connection)


def main() -> None:
    face, url, token = sys.argv[1:]
    warnings.simplefilter("ignore")
    found = wait(url, token) if face == "sync" else asyncio.run(wait_asynchronously(url, token))
    sys.stdout.write(f"{found}\n")


if __name__ == "__main__":
    main()
