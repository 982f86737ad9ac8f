"""A map that is drawn."""

import html
import io
import os
import re
from collections.abc import Sequence
from pathlib import Path

from matplotlib import style
from matplotlib.figure import Figure

SHOWN_WIDTH = 900  # pixels at most, in a notebook
DOTS_PER_INCH = 170
ENDINGS = (".png", ".svg", ".pdf", ".html")
TIP = "flowclient-tip-"
CLASS = "flowclient-map"


class Map:
    """A map that shows itself in a notebook and can be saved.

    Made by `flowclient.maps.choropleth`, `flowclient.maps.flow_map` and `flowclient.APIQuery.plot`.

    Attributes
    ----------
    figure
        The picture, as a figure of matplotlib, for those who want to change something.
    title
        Its title.
    """

    def __init__(self, figure: Figure, title: str, tips: Sequence[str]) -> None:
        self.figure = figure
        self.title = title
        self._tips = tuple(tips)

    def svg(self) -> str:
        """Return the map as an SVG element that needs nothing outside itself."""
        # The same map gives the same text, so that a notebook run again does not change; letters are
        # shapes, so that it looks the same where a font is missing.
        same = {"svg.hashsalt": "flowclient", "svg.fonttype": "path"}
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        drawn = io.StringIO()
        with style.context(["default", same]):
            self.figure.savefig(drawn, format="svg", metadata=nothing)
        text = drawn.getvalue()
        text = text[text.index("<svg") :]
        text = re.sub(rf'<g id="{TIP}(\d+)">', lambda found: self._tip(int(found[1])), text)
        # One line, which notebooks keep as one; they would list thousands of short ones.
        text = text.replace("\n", " ")
        # A hundredth of a point is less than a screen shows.
        text = re.sub(r' d="[^"]*"', lambda found: re.sub(r"\.(\d\d)\d+", r".\1", found[0]), text)
        # Rules that matplotlib writes for everything are meant for this picture, not for its page.
        text = text.replace(">*{", f">.{CLASS} *{{", 1)
        attributes = f'class="{CLASS}" role="img" aria-label="{html.escape(self.title)}"'
        return text.replace("<svg ", f"<svg {attributes} ", 1)

    def _tip(self, place: int) -> str:
        tip = html.escape(self._tips[place]).replace("\n", "&#10;")
        return f"<g><title>{tip}</title>"

    def save(self, path: str | os.PathLike[str], *, dots_per_inch: int = DOTS_PER_INCH) -> Path:
        """Write the map to a file.

        Parameters
        ----------
        path
            Name of the file; its ending says the format: ``.png``, ``.svg``, ``.pdf`` or ``.html``. The
            second and the last show the numbers of what the pointer is over.
        dots_per_inch
            Resolution of a PNG; the picture is 11 inches wide.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ValueError
            If the file's name has another ending.
        """
        file = Path(path)
        ending = file.suffix.lower()
        if ending not in ENDINGS:
            raise ValueError(
                f"Invalid file name: '{path}'. Expected one that ends in one of {', '.join(ENDINGS)}."
            )
        if ending == ".svg":
            file.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{self.svg()}', encoding="utf-8")
        elif ending == ".html":
            file.write_text(
                f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{html.escape(self.title)}'
                f"</title>\n{self._repr_html_()}\n</html>\n",
                encoding="utf-8",
            )
        else:
            with style.context("default"):
                self.figure.savefig(file, dpi=dots_per_inch)
        return file

    def _repr_html_(self) -> str:
        """Show the map in a notebook."""
        svg = re.sub(r' width="[^"]*"', ' width="100%"', self.svg(), count=1)
        svg = re.sub(r' height="[^"]*"', "", svg, count=1)
        return f'<div style="max-width: {SHOWN_WIDTH}px; background: white">{svg}</div>'

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__qualname__} object, title={self.title!r}>"
