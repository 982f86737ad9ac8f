"""Find SQL that is made by formatting strings.

FlowKit builds SQL with SQLAlchemy Core, ``psycopg2.sql`` composition or bound parameters. Ruff's S608
finds strings that look like SQL; this check looks from the other side: whatever is handed to a function
that takes raw SQL must be a plain literal, a name, or built by something that quotes for us.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

# Functions and methods that take raw SQL, of SQLAlchemy, DBAPI cursors, Alembic and psycopg2.sql.
TAKES_SQL = frozenset(
    {
        "DDL",
        "SQL",
        "copy_expert",
        "driver_connection_execute",
        "exec_driver_sql",
        "execute",
        "executemany",
        "execute_batch",
        "execute_values",
        "literal_column",
        "mogrify",
        "op_execute",
        "prefix_with",
        "read_sql",
        "read_sql_query",
        "suffix_with",
        "text",
        "with_hint",
    }
)


@dataclass(frozen=True)
class Finding:
    """A place where SQL is pasted together."""

    line: int
    function: str
    how: str

    def __str__(self) -> str:
        """Return what is wrong and what would be right."""
        return (
            f"{self.line}: {self.function}() is given SQL made with {self.how}; "
            "use SQLAlchemy constructs, psycopg2.sql or bound parameters"
        )


def _called_name(node: ast.Call) -> str | None:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else None


def _is_constant_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_constant_text(node.left) and _is_constant_text(node.right)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_composed(node: ast.expr) -> bool:
    """Tell whether an operand is psycopg2.sql composition (``SQL(..) + Identifier(..)``), which quotes."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_composed(node.left) or _is_composed(node.right)
    if not isinstance(node, ast.Call):
        return False
    name = _called_name(node)
    if name in {"SQL", "Identifier", "Literal", "Composed", "Placeholder"}:
        return True
    return (
        name in {"format", "join"} and isinstance(node.func, ast.Attribute) and _is_composed(node.func.value)
    )


def _formatting(node: ast.expr) -> str | None:
    """Name the way in which a string is formatted, or None if it is not."""
    if isinstance(node, ast.JoinedStr):
        return "an f-string" if any(isinstance(part, ast.FormattedValue) for part in node.values) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return "%" if isinstance(node.left, ast.Constant | ast.JoinedStr) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        inner = _formatting(node.left) or _formatting(node.right)
        if inner:
            return inner
        return None if _is_constant_text(node) or _is_composed(node) else "+"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        on_text = isinstance(node.func.value, ast.Constant) and isinstance(node.func.value.value, str)
        if node.func.attr == "format" and on_text:
            return ".format()"
        if node.func.attr == "join" and on_text:
            return ".join()"
    if isinstance(node, ast.IfExp):
        return _formatting(node.body) or _formatting(node.orelse)
    return None


def _assignments(scope: ast.AST) -> dict[str, str]:
    """Return the names that the statements of a scope bind to formatted text, and how."""
    formatted: dict[str, str] = {}
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            how = _formatting(node.value)
            # Sums of names are numbers as often as text: only certain text counts here.
            if how is None or how == "+":
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            formatted.update({target.id: how for target in targets if isinstance(target, ast.Name)})
    return formatted


def findings(source: str) -> Iterator[Finding]:
    """Yield the places of a Python source where formatted text is used as SQL.

    A name counts as formatted if any assignment in the same function (or module) gives it formatted text.
    """
    tree = ast.parse(source)
    scopes = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module)]
    seen: set[tuple[int, int]] = set()
    for scope in reversed(scopes):
        formatted = {} if isinstance(scope, ast.Module) else _assignments(scope)
        for node in ast.walk(scope):
            if not isinstance(node, ast.Call) or (node.lineno, node.col_offset) in seen:
                continue
            name = _called_name(node)
            if name not in TAKES_SQL:
                continue
            # Other libraries' text(x, y, label) takes no SQL; SQLAlchemy's takes nothing else.
            if name == "text" and len(node.args) > 1:
                continue
            for argument in node.args:
                how = _formatting(argument)
                if how is None and isinstance(argument, ast.Name):
                    how = formatted.get(argument.id)
                if how is not None:
                    seen.add((node.lineno, node.col_offset))
                    yield Finding(node.lineno, name, how)
                    break
