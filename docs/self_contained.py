"""A build hook: pages may not load anything from another site."""

import logging
import re
from typing import Any

LOADS = re.compile(
    r"""<(?:script|img|iframe|source|audio|video)\b[^>]*?\ssrc=["']?(?:https?:)?//[^"'>\s]+""", re.I
)
LINKS = re.compile(r"""<link\b(?![^>]*rel=["']?canonical)[^>]*\shref=["']?(?:https?:)?//[^"'>\s]+""", re.I)
# The notebook converter adds a typesetter for formulas, from a CDN; the notebooks have no formulas.
TYPESETTER = re.compile(
    r"<script[^>]*>(?:(?!</script>).)*?cdnjs\.cloudflare\.com(?:(?!</script>).)*?</script>|"
    r"<script[^>]*\ssrc=\"https://cdnjs\.cloudflare\.com[^>]*></script>",
    re.I | re.S,
)
log = logging.getLogger("mkdocs.hooks.self_contained")


def on_post_page(output: str, *, page: Any, config: Any) -> str:
    """Take the typesetter out, and warn (which ends a strict build) if anything else comes from elsewhere."""
    output = TYPESETTER.sub("", output)
    for found in (*LOADS.findall(output), *LINKS.findall(output)):
        log.warning("%s loads from another site: %s", page.file.src_uri, found)
    return output
