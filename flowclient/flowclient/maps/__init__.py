"""Maps of results: regions by colour, and flows as arrows. They need ``flowclient[maps]``.

A map shows itself in a notebook, with the numbers of what the pointer is over, and asks the internet
for nothing; `Map.save` writes it to a file.
"""

try:
    from flowclient.maps._choropleth import choropleth
    from flowclient.maps._flow_map import flow_map, moves
    from flowclient.maps._map import Map
    from flowclient.maps._regions import regions_from_geojson
    from flowclient.maps._style import SEQUENCE
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        f"Drawing a map needs the package {_error.name}, which is not installed here: "
        "pip install 'flowclient[maps]'",
        name=_error.name,
    ) from _error

__all__ = ["SEQUENCE", "Map", "choropleth", "flow_map", "moves", "regions_from_geojson"]
