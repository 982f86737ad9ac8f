"""The stored queries, rebuilt from what the catalogue says of them."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

from flowmachine.core import logs
from flowmachine.core.catalogue import CACHED
from flowmachine.core.declaration import rebuild

if TYPE_CHECKING:
    from flowmachine.core.execute import Engine
    from flowmachine.core.query import Query

log = logs.debug_log(__name__)


def stored_queries(engine: "Engine") -> Iterator["Query"]:
    """Yield every stored query that can be rebuilt here."""
    with engine.connection.lookups.connect() as connection:
        rows = connection.execute(sa.select(CACHED.c.query_id, CACHED.c.obj).order_by(CACHED.c.created)).all()
    for query_id, declared in rows:
        try:
            query = rebuild(json.loads(bytes(declared or b"null")))
        except ValueError as error:
            log.debug("A stored query cannot be rebuilt here.", query_id=query_id, reason=str(error))
            continue
        yield query
