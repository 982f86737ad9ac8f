"""The queries that clients have asked for, looked up by id from outside a server."""

import json
from typing import Any

import redis

from flowmachine.api.registry import InvalidSpecError
from flowmachine.core.context import get_db
from flowmachine.core.disclosure import THRESHOLD_FLOOR
from flowmachine.core.redis_client import decoding
from flowmachine.server.queries import Queries


class QueryInfoLookupError(Exception):
    """A query is not known, or cannot be."""


class UnkownQueryIdError(QueryInfoLookupError):
    """No query was registered under an id. Notebooks know this spelling."""


class QueryInfoLookup:
    """What servers on the same FlowDB and Redis know of the queries that clients have run.

    Parameters
    ----------
    redis_client : redis.Redis
    db_id : str, optional
        The ``conn_id`` of the FlowDB; that of the connection in use by default.
    threshold : int, default 15
        The redaction threshold of the servers; it is part of the ids of queries.
    """

    def __init__(
        self, redis_client: redis.Redis, db_id: str | None = None, threshold: int = THRESHOLD_FLOOR
    ) -> None:
        namespace = get_db().conn_id if db_id is None else db_id
        self._queries = Queries(decoding(redis_client), namespace, threshold)

    def register_query(self, query_id: str, query_params: dict[str, Any]) -> None:
        """Keep the parameters of a query, as a server does when it is run.

        Raises
        ------
        QueryInfoLookupError
            If they have no ``query_kind``, are not valid, or are those of another query.
        """
        if self._id_of(query_params) != query_id:
            raise QueryInfoLookupError(f"The parameters are not those of the query {query_id}.")
        self._queries.register(self._queries.parse(query_params))

    def query_is_known(self, query_id: str) -> bool:
        """Tell whether a query was registered under an id."""
        return self._queries.stored_params(query_id) is not None

    def get_query_params(self, query_id: str) -> dict[str, Any]:
        """Return the parameters of a query as a client wrote them.

        Raises
        ------
        UnkownQueryIdError
            If none was registered under the id.
        """
        stored = self._queries.stored_params(query_id)
        if stored is None:
            raise UnkownQueryIdError(f"Unknown query_id: '{query_id}'")
        params: dict[str, Any] = json.loads(stored)
        return params

    def get_query_kind(self, query_id: str) -> str:
        """Return the kind of a query; raises as :meth:`get_query_params` does."""
        return str(self.get_query_params(query_id)["query_kind"])

    def get_query_id(self, query_params: dict[str, Any]) -> str:
        """Return the id of the query of some parameters, in whatever order they stand.

        Raises
        ------
        QueryInfoLookupError
            If they are not valid, or the query was not registered.
        """
        query_id = self._id_of(query_params)
        if not self.query_is_known(query_id):
            raise QueryInfoLookupError(f"No query with these parameters was run; its id would be {query_id}.")
        return query_id

    def _id_of(self, query_params: dict[str, Any]) -> str:
        if "query_kind" not in query_params:
            raise QueryInfoLookupError("Query params must contain a 'query_kind' entry.")
        try:
            return self._queries.parse(query_params).query.query_id
        except InvalidSpecError as error:
            raise QueryInfoLookupError(f"{error} {json.dumps(error.messages)}") from None
