"""The OpenAPI document, made of FlowMachine's schemas and kept until they change."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import yaml

from flowapi import __version__
from flowapi.openapi_paths import ERROR_RESPONSES, PATHS
from flowapi.scopes import grantable_scopes


def openapi_document(schemas: Mapping[str, Any], audience: str) -> dict[str, Any]:
    """Describe this server.

    Parameters
    ----------
    schemas
        The components of FlowMachine's queries; they become ``components.schemas`` as they are.
    audience
        Identifier of this server, which its tokens have to name.

    Raises
    ------
    flowapi.scopes.SchemaError
        If the schemas do not describe queries.
    """
    return {
        "openapi": "3.0.1",
        "info": {
            "title": "FlowAPI",
            "version": __version__,
            "description": "FlowKit Analytical API",
            "license": {"name": "MPLv2", "url": "https://www.mozilla.org/en-US/MPL/2.0/"},
            "contact": {"email": "flowkit@flowminder.org"},
        },
        "paths": PATHS,
        "components": {
            "schemas": dict(schemas),
            "responses": ERROR_RESPONSES,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "x-security-scopes": grantable_scopes(schemas),
                    "x-audience": audience,
                }
            },
        },
    }


@dataclass(frozen=True)
class SerialisedDocument:
    """The document in both notations, and a tag that changes when it does."""

    json: bytes
    yaml: bytes
    etag: str


class OpenApiDocuments:
    """Makes the document when FlowMachine's schemas change, and only then.

    Parameters
    ----------
    audience
        Identifier of this server.
    """

    def __init__(self, audience: str) -> None:
        self._audience = audience
        self._schemas: Mapping[str, Any] | None = None
        self._serialised: SerialisedDocument | None = None

    def describe(self, schemas: Mapping[str, Any]) -> SerialisedDocument:
        """Return the document for these schemas."""
        if self._serialised is None or schemas != self._schemas:
            document = openapi_document(schemas, self._audience)
            text = orjson.dumps(document)
            # YAML aliases would be valid, but hard to read.
            dumper = type("Dumper", (yaml.CSafeDumper,), {"ignore_aliases": lambda *_: True})
            self._serialised = SerialisedDocument(
                json=text,
                yaml=yaml.dump(document, Dumper=dumper, sort_keys=False, allow_unicode=True).encode(),
                etag=hashlib.sha256(text).hexdigest()[:32],
            )
            self._schemas = schemas
        return self._serialised
