"""What maps have in common: colours, words, numbers."""

import math

INK = "#1d2730"
QUIET = "#5b6770"
LAND = "#eef0f1"
LAND_BORDER = "#c9ced2"
BORDER = "#ffffff"
OUTLINE = "#8a949c"
# Light to dark, told apart by lightness alone: it survives colour blindness and a black-and-white printer.
# The steps are those of ColorBrewer's YlGnBu.
SEQUENCE = ("#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#1b3f8b")
FLOW = "#b5442a"
NOT_SHOWN = "#d9dcde"
HATCH = "////"
WITHHELD = "withheld, or none"


def number(value: float) -> str:
    """Write a number with three digits that count, or all those before the point."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    decimals = 2 - math.floor(math.log10(abs(value)))
    return f"{value:,.{decimals}f}".rstrip("0").rstrip(".")


def rounded(value: float) -> float:
    """Return a number near the given one that is easy to read: two digits that count."""
    return value if value == 0 else round(value, 1 - math.floor(math.log10(abs(value))))
