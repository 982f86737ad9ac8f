"""The description of this server: the OpenAPI document and a page that shows it."""

from collections.abc import Mapping
from typing import Any

from quart import Blueprint, Response, request

from flowapi.errors import ApiError
from flowapi.flowmachine_client import flowmachine_error
from flowapi.openapi import SerialisedDocument
from flowapi.redoc import PAGE, PAGE_HEADERS, SCRIPT_GZIPPED, script
from flowapi.scopes import SchemaError
from flowapi.services import ask_flowmachine, services

blueprint = Blueprint("spec", __name__)


@blueprint.get("/spec/openapi.json")
async def get_openapi_json() -> Response:
    """Return the OpenAPI document as JSON."""
    document = await _document()
    return await _tagged(document.json, "application/json", document.etag)


@blueprint.get("/spec/openapi.yaml")
async def get_openapi_yaml() -> Response:
    """Return the OpenAPI document as YAML."""
    document = await _document()
    return await _tagged(document.yaml, "application/x-yaml", document.etag)


@blueprint.get("/spec/redoc")
async def get_redoc() -> Response:
    """Return a page that shows the OpenAPI document."""
    return Response(PAGE, content_type="text/html; charset=utf-8", headers=PAGE_HEADERS)


@blueprint.get("/spec/redoc.standalone.js")
async def get_redoc_script() -> Response:
    """Return the script that the page needs, so that it works without the internet."""
    zipped = "gzip" in request.accept_encodings
    headers = {"Cache-Control": "public, max-age=86400", "Vary": "Accept-Encoding"}
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(
        SCRIPT_GZIPPED if zipped else script(), content_type="text/javascript; charset=utf-8", headers=headers
    )


async def _document() -> SerialisedDocument:
    reply = await ask_flowmachine("get_query_schemas")
    if not reply.succeeded:
        raise flowmachine_error(reply)
    schemas: Mapping[str, Any] = reply.required("query_schemas")
    try:
        return services().documents.describe(schemas)
    except SchemaError as error:
        raise ApiError(500, f"Unexpected reply from FlowMachine: {error}", "unexpected_reply") from error


async def _tagged(body: bytes, content_type: str, etag: str) -> Response:
    response = Response(body, content_type=content_type)
    response.set_etag(etag)
    await response.make_conditional(request)
    return response
