"""The OpenAPI document, and the page that shows it."""

import gzip
import re

import httpx
import yaml
from api import Api
from openapi_spec_validator import OpenAPIV30SpecValidator
from signing import AUDIENCE
from specs import offered_scopes


def test_the_document_is_valid(api: Api) -> None:
    document = api.get("spec/openapi.json").json()
    paths = document["paths"]
    # The result route stands at two paths under the one id that it has always had; OpenAPI wants two.
    with_type = paths["/api/0/get/{query_id}.{filetype}"]["get"]
    assert with_type.pop("operationId") == paths["/api/0/get/{query_id}"]["get"]["operationId"]
    assert list(OpenAPIV30SpecValidator(document).iter_errors()) == []
    assert document["info"]["version"] == api.get("health").json()["version"]


def test_both_notations_say_the_same(api: Api) -> None:
    written = api.get("spec/openapi.yaml")
    assert written.headers["content-type"] == "application/x-yaml"
    assert yaml.safe_load(written.text) == api.get("spec/openapi.json").json()


def test_scopes_are_those_of_the_definition(api: Api) -> None:
    document = api.get("spec/openapi.json").json()
    token = document["components"]["securitySchemes"]["token"]
    assert token["x-security-scopes"] == offered_scopes(document["components"]["schemas"])
    # As many as version 1.34 has, which knows no get_qa_checks: administrators grant what they granted there.
    assert len([scope for scope in token["x-security-scopes"] if ":" in scope]) == 624
    assert len(token["x-security-scopes"]) == 624 + 4
    assert token["x-audience"] == AUDIENCE


def test_nobody_needs_a_token_to_read_it(stack_url: str) -> None:
    for path in ("openapi.json", "openapi.yaml", "redoc"):
        assert httpx.get(f"{stack_url}/api/0/spec/{path}").status_code == 200


def test_the_page_refers_to_nothing_outside_the_server(stack_url: str) -> None:
    page = httpx.get(f"{stack_url}/api/0/spec/redoc")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert "http" not in page.headers["content-security-policy"]
    referred = re.findall(r"""(?:src|href|spec-url)=["']([^"']+)["']""", page.text.split("</style>")[1])
    assert referred
    for address in referred:
        assert address.startswith("/api/0/")
        assert httpx.get(f"{stack_url}{address}", timeout=30).status_code == 200
    assert "@import" not in page.text


def test_the_script_comes_packed_only_to_those_who_can_unpack_it(stack_url: str) -> None:
    url = f"{stack_url}/api/0/spec/redoc.standalone.js"
    plain = httpx.get(url, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with httpx.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(b"".join(packed.iter_raw())) == plain.content
