"""The page that shows the OpenAPI document with Redoc, whose script FlowAPI serves itself."""

import gzip
from importlib.resources import files

from flowapi import __version__

SCRIPT_GZIPPED = (files("flowapi") / "static" / "redoc.standalone.js.gz").read_bytes()


def script() -> bytes:
    """Return Redoc's script, for the rare client that cannot unpack it."""
    return gzip.decompress(SCRIPT_GZIPPED)


# Nothing may be loaded from elsewhere; Redoc styles its elements itself and searches in a worker.
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; "
        "img-src 'self' data:; worker-src blob:; base-uri 'none'; form-action 'none'"
    )
}

PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>FlowAPI v{__version__}</title>
<style>
body {{ margin: 0; padding: 0; }}
/* Redoc's mark at the foot of the menu would be fetched from its maker's site. */
img[src*="//"] {{ display: none; }}
</style>
</head>
<body>
<redoc spec-url="/api/0/spec/openapi.json"></redoc>
<script src="/api/0/spec/redoc.standalone.js"></script>
</body>
</html>
"""
