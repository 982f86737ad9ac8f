"""The OpenAPI document and the page that shows it."""

import gzip
import re
import time
from typing import Any

import orjson
import pytest
import yaml
from openapi_spec_validator import validate
from quart import Quart
from quart.typing import TestClientProtocol as Client
from query_schemas import published_schemas
from recorded_flowmachine import RecordedFlowMachine, error, success
from signing import AUDIENCE

from flowapi import __version__
from flowapi.openapi import openapi_document
from flowapi.redoc import PAGE, SCRIPT_GZIPPED
from flowapi.scopes import grantable_scopes

UNDOCUMENTED = {
    "/",
    "/api/0/health",
    "/api/0/spec/openapi.json",
    "/api/0/spec/openapi.yaml",
    "/api/0/spec/redoc",
    "/api/0/spec/redoc.standalone.js",
}


@pytest.fixture(autouse=True)
def _schemas(flowmachine: RecordedFlowMachine) -> None:
    flowmachine.answers["get_query_schemas"] = success({"query_schemas": published_schemas()})


@pytest.fixture
def document() -> dict[str, Any]:
    # As a client receives it: the parts are shared objects before.
    parsed: dict[str, Any] = orjson.loads(orjson.dumps(openapi_document(published_schemas(), AUDIENCE)))
    return parsed


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    # One operation stands at two paths, under one id that other programs know.
    document["paths"].pop("/api/0/get/{query_id}")
    validate(document)


def test_top_level(document: dict[str, Any]) -> None:
    assert set(document) == {"openapi", "info", "paths", "components"}
    assert document["openapi"] == "3.0.1"
    assert (document["info"]["title"], document["info"]["version"]) == ("FlowAPI", __version__)
    assert document["components"]["schemas"] == published_schemas()
    token = document["components"]["securitySchemes"]["token"]
    assert (token["type"], token["scheme"], token["bearerFormat"]) == ("http", "bearer", "JWT")
    assert token["x-audience"] == AUDIENCE
    assert token["x-security-scopes"] == grantable_scopes(published_schemas())


def test_operation_ids(document: dict[str, Any]) -> None:
    assert {name: operation["operationId"] for name, operation in operations(document).items()} == {
        "post /api/0/run": "query.run_query.post",
        "get /api/0/poll/{query_id}": "query.poll_query.get",
        "get /api/0/get/{query_id}": "query.get_query_result.get",
        "get /api/0/get/{query_id}.{filetype}": "query.get_query_result.get",
        "get /api/0/available_dates": "query.get_available_dates.get",
        "get /api/0/geography/{aggregation_unit}": "geography.get_geography.get",
        "get /api/0/qa/": "qa.list_qa_checks.get",
        "get /api/0/qa/{cdr_type}/{check_id}": "qa.get_qa_date_range.get",
        "get /api/0/qa/{cdr_type}/{check_id}/{check_date}": "qa.get_qa_on_date.get",
    }


def test_every_route_is_described(document: dict[str, Any], app: Quart) -> None:
    routes = {re.sub(r"<(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    assert routes - UNDOCUMENTED == set(document["paths"]) - {"/api/0/get/{query_id}.{filetype}"}
    for name, operation in operations(document).items():
        assert operation["security"] == [{"token": []}], name
        named = {
            parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "path"
        }
        assert named == set(re.findall(r"{(\w+)}", name))


async def test_json_and_yaml_are_the_same(client: Client) -> None:
    as_json = await client.get("/api/0/spec/openapi.json")
    as_yaml = await client.get("/api/0/spec/openapi.yaml")
    assert as_json.headers["Content-Type"] == "application/json"
    assert as_yaml.headers["Content-Type"] == "application/x-yaml"
    assert await as_json.get_json() == yaml.safe_load(await as_yaml.get_data())


async def test_a_document_is_made_once(client: Client) -> None:
    first = await client.get("/api/0/spec/openapi.json")
    started = time.perf_counter()
    second = await client.get("/api/0/spec/openapi.json")
    assert time.perf_counter() - started < 0.05
    assert second.headers["ETag"] == first.headers["ETag"]
    headers = {"If-None-Match": first.headers["ETag"]}
    unchanged = await client.get("/api/0/spec/openapi.json", headers=headers)
    assert (unchanged.status_code, await unchanged.get_data()) == (304, b"")


async def test_new_schemas_make_a_new_document(client: Client, flowmachine: RecordedFlowMachine) -> None:
    first = await client.get("/api/0/spec/openapi.json")
    schemas = published_schemas()
    schemas["Flows"]["description"] = "changed"
    flowmachine.answers["get_query_schemas"] = success({"query_schemas": schemas})
    second = await client.get("/api/0/spec/openapi.json")
    assert (await second.get_json())["components"]["schemas"]["Flows"]["description"] == "changed"
    assert second.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize(
    ("reply", "code"),
    [(error("why"), "flowmachine_error"), (success({"query_schemas": {}}), "unexpected_reply")],
)
async def test_without_schemas(
    client: Client, flowmachine: RecordedFlowMachine, reply: dict[str, Any], code: str
) -> None:
    flowmachine.answers["get_query_schemas"] = reply
    for name in ("openapi.json", "openapi.yaml"):
        response = await client.get(f"/api/0/spec/{name}")
        assert (response.status_code, (await response.get_json())["code"]) == (500, code)


# Redoc


async def test_the_page_needs_nothing_from_elsewhere(client: Client) -> None:
    response = await client.get("/api/0/spec/redoc")
    page = (await response.get_data()).decode()
    assert f"<title>FlowAPI v{__version__}</title>" in page
    assert '<redoc spec-url="/api/0/spec/openapi.json">' in page
    loaded = re.findall(r'(?:src|href|spec-url)="([^"]*)"', page)
    assert loaded == ["/api/0/spec/openapi.json", "/api/0/spec/redoc.standalone.js"]
    assert "http" not in PAGE
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")


async def test_the_script_is_served_packed_or_not(client: Client) -> None:
    packed = await client.get("/api/0/spec/redoc.standalone.js", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    plain = await client.get("/api/0/spec/redoc.standalone.js")
    assert "Content-Encoding" not in plain.headers
    assert (
        gzip.decompress(await packed.get_data()) == await plain.get_data() == gzip.decompress(SCRIPT_GZIPPED)
    )
    assert plain.headers["Content-Type"].startswith("text/javascript")
