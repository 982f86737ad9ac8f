"""Names of columns as users write them."""

import re
from collections.abc import Container

_RENAMED = re.compile(r"^(?P<name>.+?)\s+as\s+(?P<alias>\S+)$", re.IGNORECASE | re.DOTALL)


def get_name_and_alias(column: str) -> tuple[str, str]:
    """Split ``name AS alias``; without an alias it is what follows the last dot of the name.

    Examples
    --------
    >>> get_name_and_alias("calls.msisdn AS subscriber")
    ('calls.msisdn', 'subscriber')
    >>> get_name_and_alias("calls.msisdn")
    ('calls.msisdn', 'msisdn')
    """
    renamed = _RENAMED.match(column.strip())
    if renamed:
        return renamed["name"], renamed["alias"]
    return column.strip(), column.strip().rpartition(".")[2]


def fresh_name(name: str, taken: Container[str]) -> str:
    """Return a name that is not taken: the one given, or one made from it.

    Examples
    --------
    >>> fresh_name("rank", {"rank"})
    'rank_'
    """
    while name in taken:
        name += "_"
    return name
