"""SQL made by formatting is found, SQL made by composition is not."""

import pytest

from flowkit_tools.sql_strings import findings


@pytest.mark.parametrize(
    ("source", "how"),
    [
        ('text(f"SELECT {a}")', "an f-string"),
        ('sqlalchemy.text("SELECT " + a)', "+"),
        ('cursor.execute("SELECT %s" % a)', "%"),
        ('connection.exec_driver_sql("SELECT {}".format(a))', ".format()"),
        ('literal_column("a" + "b" + c)', "+"),
        ('DDL(f"DROP TABLE {a}")', "an f-string"),
        ('cursor.execute(",".join(parts))', ".join()"),
        ('cursor.execute("a" if x else f"b {y}")', "an f-string"),
        ('sql.SQL(f"SELECT {a}").format()', "an f-string"),
        ('def f():\n    query = f"SELECT {a}"\n    cursor.execute(query)', "an f-string"),
        ('async def f():\n    query: str = "SELECT %s" % a\n    return text(query)', "%"),
        ('pandas.read_sql(f"SELECT {a}", connection)', "an f-string"),
        ('executor.submit(cursor.execute, 1); cursor.execute("a" + str(b))', "+"),
    ],
)
def test_formatted_sql_is_found(source: str, how: str) -> None:
    found = list(findings(source))
    assert [finding.how for finding in found] == [how]


@pytest.mark.parametrize(
    "source",
    [
        'text("SELECT :a").bindparams(a=1)',
        'text("SELECT " "1")',
        'text("SELECT " + "1")',
        'text(f"SELECT 1")',
        'cursor.execute("SELECT %s", (a,))',
        'cursor.execute(sql.SQL("SELECT {}").format(sql.Identifier(a)))',
        'cursor.execute(sql.SQL("SELECT ") + sql.Identifier(a))',
        'cursor.execute(sql.SQL(", ").join(map(sql.Identifier, names)))',
        "connection.execute(select(table))",
        'print(f"{a}")',
        'axes.text(x + 1, y, f"{a} km")',
        'def f():\n    name = f"{a}"\n    log(name)',
        'def f():\n    query = f"{a}"\n\ndef g(query):\n    cursor.execute(query)',
    ],
)
def test_composed_sql_is_not(source: str) -> None:
    assert list(findings(source)) == []


def test_the_message_names_line_function_and_remedy() -> None:
    (finding,) = findings('\n\ntext(f"SELECT {a}")')
    assert str(finding).startswith("3: text() is given SQL made with an f-string")
    assert "bound parameters" in str(finding)


def test_one_call_is_reported_once_even_in_nested_functions() -> None:
    source = 'def f():\n    def g():\n        text(f"{a}")\n    return g'
    assert len(list(findings(source))) == 1
