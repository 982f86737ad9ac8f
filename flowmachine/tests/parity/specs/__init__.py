"""What both are asked, by name: add an entry to a module's ``SPECS`` to ask one thing more."""

from tests.parity.specs import bridged, events, located, metrics, refused
from tests.parity.specs.parts import Spec

SPECS: dict[str, Spec] = {
    **located.SPECS,
    **metrics.SPECS,
    **events.SPECS,
    **bridged.SPECS,
    **refused.SPECS,
}


NO_KIND = "nope"
"""What specs name that must be refused for it."""


def kinds_in(value: object) -> set[str]:
    """Return every kind of query in a spec, at any depth."""
    if isinstance(value, dict):
        found = {value["query_kind"]} if isinstance(value.get("query_kind"), str) else set()
        return found.union(*map(kinds_in, value.values()))
    return set().union(*map(kinds_in, value)) if isinstance(value, list) else set()
