"""SQL for people to read."""


def pretty_sql(sql: str) -> str:
    """Return a statement laid out over lines, as PostgreSQL would understand it.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        return sqlglot.parse_one(sql, read="postgres").sql(dialect="postgres", pretty=True)
    except SqlglotError as error:
        raise ValueError(f"The SQL cannot be read: {error}.") from None
