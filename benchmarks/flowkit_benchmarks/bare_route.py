"""The least that a Quart application can do, to compare FlowAPI with; run by the environment of FlowAPI."""

from quart import Quart

app = Quart("bare_route")


@app.get("/")
async def nothing() -> tuple[str, int]:
    """Answer at once."""
    return "{}", 200
