"""The schemas of the exposed kinds as OpenAPI 3.0 components."""

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from flowmachine.api.registry import EXPOSED

REFERENCE = "#/components/schemas/"
TOP = "FlowmachineQuerySchema"


def _translate(node: Any) -> Any:
    """Rewrite JSON Schema as OpenAPI 3.0 has it: nullable flags, enumerations, no tuples of types."""
    if isinstance(node, list):
        return [_translate(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: value for key, value in node.items() if key != "title" or not isinstance(value, str)}
    if "anyOf" in node and {"type": "null"} in node["anyOf"]:
        others = [option for option in node.pop("anyOf") if option != {"type": "null"}]
        (only,) = others
        node = {**({"allOf": [only]} if "$ref" in only else only), **node, "nullable": True}
    if "const" in node:
        node["enum"] = [node.pop("const")]
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if bound in node and not isinstance(node[bound], dict):  # there, limits are flags: clients know these
            node[limit] = node.pop(bound)
    return {key: _translate(value) for key, value in node.items()}


@cache
def query_schemas() -> dict[str, Any]:
    """Return every component by name, with ``FlowmachineQuerySchema`` as the union of all exposed kinds."""
    _, document = models_json_schema(
        [(spec, "validation") for spec in EXPOSED], ref_template=REFERENCE + "{model}"
    )
    components = _translate(document["$defs"])
    references = {spec.kind(): REFERENCE + spec.__name__ for spec in EXPOSED}
    components[TOP] = {
        "oneOf": [{"$ref": reference} for reference in references.values()],
        "discriminator": {"propertyName": "query_kind", "mapping": references},
    }
    return dict(sorted(components.items()))
