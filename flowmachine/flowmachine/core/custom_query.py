"""A query in SQL of one's own."""

import re
from collections.abc import Iterable
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Select, TextClause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from flowmachine.core.compilation import Compilation
from flowmachine.core.deriving import columns_given
from flowmachine.core.query import Query

_OPERATOR = re.compile(r"[-+*/<>=~!@#%^&|]+")
_WORD = re.compile(r"[^\W\d][\w$]*")
_UPPER_CASE = re.compile("[A-Z]+")
_UNSEEN = re.compile(r"(\s|--[^\n]*(\n|$)|/\*.*\*/)*", re.DOTALL)


class Verbatim(TextClause):
    """SQL that has been parsed, written into a statement as it is, colons and all."""

    inherit_cache = False

    def __init__(self, text: str) -> None:
        super().__init__("")
        self.text = text


@compiles(Verbatim)
def _as_it_is(element: Verbatim, _: SQLCompiler, **__: Any) -> str:
    return element.text


def normalised(text: str) -> str:
    """Return SQL in one spelling, whatever its white space, comments and the case of its keywords.

    Raises
    ------
    ValueError
        If it is not SQL, or anything but one statement that reads.
    """
    # Here, because the server never needs it and its import takes long.
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import ParseError, SqlglotError

    _only_statements_that_read(text)
    try:
        statements = [found for found in sqlglot.parse(text, read="postgres") if found is not None]
    except SqlglotError as error:
        details = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
        cause = "{description} (line {line}, column {col})".format(**details) if details else f"{error}"
        raise ValueError(f"The SQL cannot be read: {cause}.") from None
    kinds = [found.key.upper() for found in statements]
    if len(kinds) != 1 or not isinstance(statements[0], exp.Query | exp.Values):
        raise ValueError(f"A custom query must be one SELECT, not {' and '.join(kinds) or 'nothing'}.")
    writing = (exp.DML, exp.DDL, exp.Into, exp.Lock, exp.Command)
    if written := sorted({found.key.upper() for found in statements[0].find_all(*writing)} - {"SELECT"}):
        raise ValueError(f"A custom query must only read; it contains {', '.join(written)}.")
    spelling = _respelled(_tokens(text))
    if _respelled(_tokens(spelling)) != spelling:
        raise ValueError("The SQL could not be brought into one spelling; write it in a simpler way.")
    return spelling


_BEGINNINGS = frozenset({"SELECT", "WITH", "VALUES", "TABLE", "("})


def _only_statements_that_read(text: str) -> None:
    """Refuse what begins as no SELECT does, by its first word.

    The parser would take some of it (EXPLAIN, CALL) for an unknown command, and say so on stderr.
    """
    from sqlglot import tokenize
    from sqlglot.errors import SqlglotError

    try:
        words = [text[token.start : token.end + 1].upper() for token in tokenize(text, read="postgres")]
    except SqlglotError as error:
        raise ValueError(f"The SQL cannot be read: {error}.") from None
    firsts = [word for before, word in zip([";", *words], words, strict=False) if before == ";" != word]
    if len(firsts) != 1 or firsts[0] not in _BEGINNINGS:
        raise ValueError(f"A custom query must be one SELECT, not {' and '.join(firsts) or 'nothing'}.")


def _tokens(text: str) -> list[tuple[bool, str]]:
    """Split SQL into its tokens, each with whether it follows the one before without a gap."""
    from sqlglot import tokenize

    tokens, end = list[tuple[bool, str]](), 0
    for token in tokenize(text, read="postgres"):
        if not _UNSEEN.fullmatch(text, end, token.start):
            unseen = text[end : token.start].strip()
            raise ValueError(f"The SQL cannot be read: {unseen!r} is not understood.")
        tokens.append((token.start == end, text[token.start : token.end + 1]))
        end = token.end + 1
    while tokens and tokens[-1][1] == ";":
        tokens.pop()
    return tokens


def _respelled(tokens: list[tuple[bool, str]]) -> str:
    """Write tokens with one spacing, and what PostgreSQL reads in lower case in lower case."""
    words, before = list[str](), ""
    for adjacent, token in tokens:
        parts = token.split()  # ORDER BY is one token
        if all(_WORD.fullmatch(part) for part in parts):
            # Of the characters beyond ASCII, PostgreSQL keeps the case.
            token = _UPPER_CASE.sub(lambda found: found[0].lower(), " ".join(parts))
        words.extend((_space(before, token, adjacent=adjacent), token))
        before = token
    return "".join(words)


def _space(before: str, token: str, *, adjacent: bool) -> str:
    if before in ("", "(", "[", "::") or token in ("(", ")", "[", "]", ",", "::"):
        return ""
    if not adjacent and before.endswith("'") and token.startswith("'"):
        return "\n"  # two literals that are one
    if before == "," or not adjacent:
        return " "
    operators = bool(_OPERATOR.fullmatch(before)) + bool(_OPERATOR.fullmatch(token))
    return " " if operators == 1 and "." not in (before, token) else ""


@attrs.frozen(eq=False, slots=False, repr=False, init=False)
class CustomQuery(Query):
    """A query in SQL of one's own, for what no class offers.

    Parameters
    ----------
    sql : str
        One SELECT that reads only. It is parsed where the object is made; whether its tables exist is
        found when it is run. White space, comments and the case of keywords do not matter.
    column_names : str or list of str
        Those of its columns that are wanted, in the order wanted; each once.

    Notes
    -----
    Columns: those named. The SQL runs with the rights of the database user; it can never be exposed
    through the API by itself, since nothing is known of the subscribers behind its rows.

    Raises
    ------
    ValueError
        For SQL that cannot be parsed, several statements, or one that writes or locks; without columns.

    Examples
    --------
    >>> CustomQuery("SELECT DISTINCT msisdn AS subscriber FROM events.calls", "subscriber")  # doctest: +SKIP
    """

    sql: str
    names: tuple[str, ...]
    reads_events = True
    """Nothing says that it does not."""

    def __init__(self, sql: str, column_names: str | Iterable[str]) -> None:
        names = tuple(dict.fromkeys(columns_given(column_names)))
        if not names:
            raise ValueError("A custom query needs the names of its columns.")
        self.__attrs_init__(sql=normalised(sql), names=names)

    def select(self, using: Compilation) -> Select[Any]:
        """Return the named columns of the SQL."""
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in self.names]
        rows = Verbatim(self.sql).columns(*columns).subquery("custom")
        return sa.select(*rows.c)
