"""Keeping the result of a query: in the cache, in a table of one's own, or no longer."""

from collections.abc import Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa

from flowmachine.core import sql
from flowmachine.core.errors import NameTooLongError

if TYPE_CHECKING:
    from flowmachine.core.execute import Engine
    from flowmachine.core.query import Query
    from flowmachine.core.state import QueryState
    from flowmachine.core.table import Table

Q = TypeVar("Q", bound="Query")

OWN_SCHEMA = "flowmachine"
"""Where tables go that users name without a schema."""
LONGEST_NAME = 63
_MARK = "FlowMachine query "


def _marked(query: "Query") -> str:
    return _MARK + query.query_id


def write_table(engine: "Engine", query: Q, name: str, schema: str) -> Q:
    """Write a query's rows to a table, indexed and described; see :meth:`Storing.to_sql`."""
    from flowmachine.core.reading import whatever_is_dropped

    def write(from_stored: bool) -> None:
        _write(engine, query, name, schema, engine.statement(query, from_stored=from_stored).text)

    whatever_is_dropped(write)
    return query


def _write(engine: "Engine", query: "Query", name: str, schema: str, statement: str) -> None:
    from flowmachine.core import ddl

    table = ddl.result_table(query, name, schema)
    table.comment = _marked(query)
    with engine.connection.engine.begin() as connection:
        if schema == OWN_SCHEMA:
            connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        # Two that write the same table at once: the second one finds it written.
        connection.execute(
            sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"{schema}.{name}", 0)))
        )
        inspector = sa.inspect(connection)
        if inspector.has_table(name, schema):
            if inspector.get_table_comment(name, schema)["text"] != table.comment:
                raise ValueError(f"{schema}.{name} exists and does not hold {query!r}; choose another name.")
            return
        connection.exec_driver_sql(sql.render(ddl.CreateResult(query, statement, table)))
        for index in ddl.indexes(query, table):
            connection.exec_driver_sql(sql.render(index))
        connection.exec_driver_sql(sql.render(sa.schema.SetTableComment(table)))
        connection.exec_driver_sql(sql.render(ddl.Analyze(table)))


def drop_table(engine: "Engine", query: "Query", name: str, schema: str) -> None:
    """Drop a table that :func:`write_table` made for a query, if it is there.

    Raises
    ------
    ValueError
        If the table was not made so: it may be anybody's.
    """
    with engine.connection.engine.begin() as connection:
        inspector = sa.inspect(connection)
        if not inspector.has_table(name, schema):
            return
        if inspector.get_table_comment(name, schema)["text"] != _marked(query):
            raise ValueError(f"{schema}.{name} was not made from {query!r}, so it is not dropped.")
        table = sa.Table(name, sa.MetaData(), schema=schema)
        connection.exec_driver_sql(sql.render(sa.schema.DropTable(table)))


class Storing:
    """The part of a query that keeps its result."""

    def store(self: Q, store_dependencies: bool | None = None) -> "Future[Q]":  # type: ignore[misc]
        """Start storing the result in the cache; the future gives this query when its table is there.

        Parameters
        ----------
        store_dependencies : bool, optional
            Whether inputs that other queries will reuse are stored on the way; they are, unless
            the connection was made otherwise.

        Raises
        ------
        flowmachine.core.errors.NotConnectedError
            Before :func:`flowmachine.connect`.
        flowmachine.core.errors.MissingDateError
            If no day of the query's window has been loaded.
        flowmachine.core.errors.UnstorableQueryError
            If its kind is never stored, such as a union or a sample without a seed.

        Examples
        --------
        >>> homes = ModalLocation(*days).store().result()  # doctest: +SKIP
        """
        from flowmachine.core.context import get_engine

        return get_engine().submit(self, store_dependencies=store_dependencies).future  # type: ignore[return-value]

    def to_sql(  # type: ignore[misc]
        self: Q, name: str, schema: str | None = None, store_dependencies: bool = False
    ) -> "Future[Q]":
        """Start writing the result to a table of your own; the future gives this query when it is there.

        The table is indexed, and never removed by FlowMachine unless you ask
        :meth:`invalidate_db_cache` to. It does not count as the cached result.

        Parameters
        ----------
        name : str
            At most 63 bytes.
        schema : str, default "flowmachine"
            The schema ``flowmachine`` is made if there is none.
        store_dependencies : bool, default False
            Store the result and reusable inputs in the cache first.

        Raises
        ------
        NameTooLongError
            If PostgreSQL would cut the name.
        ValueError
            From the future: if a table of that name holds anything but this query's result. It is
            left alone.
        """
        from flowmachine.core.context import get_engine

        if len(name.encode()) > LONGEST_NAME:
            raise NameTooLongError(name, LONGEST_NAME)
        engine, written = get_engine(), Future["Q"]()

        def end(done: "Future[Q]") -> None:
            if (error := done.exception()) is None:
                written.set_result(self)
            else:
                written.set_exception(error)

        def write(stored: "Future[Q] | None" = None) -> None:
            if stored is not None and stored.exception() is not None:
                end(stored)
            else:
                engine.call(write_table, engine, self, name, schema or OWN_SCHEMA).add_done_callback(end)

        if store_dependencies:
            self.store(store_dependencies=True).add_done_callback(write)
        else:
            write()
        return written

    @property
    def is_stored(self: "Query") -> bool:  # type: ignore[misc]
        """Whether the result's table exists in the cache."""
        from flowmachine.core.context import get_engine

        return get_engine().is_stored(self.query_id)

    @property
    def query_state(self: "Query") -> "QueryState":  # type: ignore[misc]
        """How far the result is: known, queued, executing, completed, errored or cancelled."""
        from flowmachine.core.context import get_engine

        return get_engine().record(self).state

    @property
    def query_state_str(self: "Query") -> str:  # type: ignore[misc]
        """The state as text."""
        return str(self.query_state)

    def get_table(self: "Query") -> "Table":  # type: ignore[misc]
        """Return the stored result as a table.

        Raises
        ------
        ValueError
            If it is not stored.
        """
        from flowmachine.core.table import Table

        if not self.is_stored:
            raise ValueError(f"{self!r} is not stored, so it has no table; store() makes one.")
        return Table(self.fully_qualified_table_name, columns=self.column_names)

    def invalidate_db_cache(  # type: ignore[misc]
        self: "Query",
        name: str | None = None,
        schema: str | None = None,
        cascade: bool = True,
        drop: bool = True,
    ) -> None:
        """Remove the cached result, in one transaction; does nothing if it is not stored.

        Parameters
        ----------
        name, schema : str, optional
            A table that :meth:`to_sql` made of this query, which is dropped too.
        cascade : bool, default True
            Remove every result that was made from this one as well.
        drop : bool, default True
            Drop the tables too; otherwise only forget them.

        Raises
        ------
        QueryResetFailedError
            If one of them is being made, or has been read for too long; nothing is changed then.
        ValueError
            If the named table was not made of this query.
        """
        from flowmachine.core.context import get_engine

        engine = get_engine()
        engine.invalidate(self, cascade=cascade, drop=drop)
        if name is not None:
            drop_table(engine, self, name, schema or OWN_SCHEMA)

    @classmethod
    def get_stored(cls: type[Q]) -> Iterator[Q]:  # type: ignore[misc]
        """Yield the queries of this class whose results are stored; all of them for ``Query``.

        They are rebuilt from what the cache says of them. Results whose classes are not known here,
        or have changed their meaning since, are passed over.
        """
        from flowmachine.core.context import get_engine
        from flowmachine.core.retrieval import stored_queries

        for query in stored_queries(get_engine().connection):
            if isinstance(query, cls):
                yield query

    @property
    def cache(self) -> bool:
        """Whether frames are kept in memory: never, the cache is in FlowDB."""
        return False

    def turn_on_caching(self) -> None:
        """Do nothing: frames are not kept in memory. To compute a result once, :meth:`store` it."""

    def turn_off_caching(self) -> None:
        """Do nothing: frames are not kept in memory."""
