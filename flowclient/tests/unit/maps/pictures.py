"""What is in the pictures that maps are saved as."""

import re
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image

from flowclient.maps import Map

SVG = "{http://www.w3.org/2000/svg}"


def elements(drawn: Map) -> ElementTree.Element:
    """Return the map's picture as a tree."""
    return ElementTree.fromstring(drawn.svg())  # noqa: S314 - our own text


def tips(drawn: Map) -> dict[str, str]:
    """Return the look of each thing that says something where the pointer is over it, by what it says."""
    found = {}
    for group in elements(drawn).iter(f"{SVG}g"):
        title = group.find(f"{SVG}title")
        if title is not None and title.text:
            found[title.text] = "".join(path.get("style", "") for path in group.iter(f"{SVG}path"))
    return found


def fills(drawn: Map) -> dict[str, str]:
    """Return the colour of each such thing by the first line of what it says."""
    return {
        tip.split("\n")[0]: re.search(r"fill: ([^;]+)", look)[1]  # type: ignore[index]
        for tip, look in tips(drawn).items()
    }


def colours(file: Path) -> set[tuple[int, ...]]:
    """Return the colours that a picture has much of."""
    with Image.open(file) as picture:
        counted = picture.convert("RGB").getcolors(2**24)
    return {colour for count, colour in counted if count > 500}


def words(drawn: Map) -> str:
    """Return the texts of the picture, in the comments that matplotlib leaves beside their shapes."""
    return "\n".join(re.findall(r"<!-- (.*?) -->", drawn.svg(), flags=re.DOTALL))
