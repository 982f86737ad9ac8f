"""Lifetimes of tokens as people write them."""

import re
from datetime import timedelta

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def parse_lifetime(text: str) -> timedelta:
    """Read a lifetime: a whole number of days, or a number followed by d, h, m or s.

    Examples
    --------
    >>> parse_lifetime("2"), parse_lifetime("90m")
    (datetime.timedelta(days=2), datetime.timedelta(seconds=5400))

    Raises
    ------
    ValueError
        If the text is neither, or longer than a time can be.
    """
    match = re.fullmatch(r"(-?\d+)([dhms]?)", text.strip())
    if match is None:
        raise ValueError(
            f"{text!r} is not a lifetime; write days (7) or a number with a unit (12h, 30m, 90s)."
        )
    try:
        return timedelta(**{_UNITS[match.group(2) or "d"]: int(match.group(1))})
    except OverflowError:
        raise ValueError(f"{text!r} is longer than a token can live.") from None
