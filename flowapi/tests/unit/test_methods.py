"""HEAD and OPTIONS on every route that can be read, and what other methods are told."""

import pytest
from quart import Quart
from quart.typing import TestClientProtocol as Client
from recorded_flowmachine import RecordedFlowMachine, success
from signing import Bearer

pytestmark = pytest.mark.usefixtures("sample_queries")


def readable(app: Quart) -> list[str]:
    """Return a path of every route that takes GET."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())]
    return [rule.rule.replace("<", "").replace(">", "") for rule in rules]


async def test_options_needs_no_token(app: Quart, client: Client) -> None:
    paths = readable(app)
    assert len(paths) >= 12
    for path in paths:
        response = await client.options(path)
        assert response.status_code == 200, path
        assert {"GET", "HEAD", "OPTIONS"} == set(response.headers["Allow"].split(", ")), path


async def test_head_is_answered_like_get_without_a_body(
    app: Quart, client: Client, bearer: Bearer, flowmachine: RecordedFlowMachine
) -> None:
    flowmachine.answers |= {
        "poll_query": success({"query_state": "completed"}),
        "get_available_dates": success({"calls": []}),
        "list_qa_checks": success({"available_qa_checks": []}),
    }
    held = bearer("get_result", "get_available_dates", "get_qa_checks", "admin3:flows:flows")
    for path in readable(app):
        for headers in ({}, held):
            got = await client.get(path, headers=headers)
            head = await client.head(path, headers=headers)
            assert head.status_code == got.status_code, path
            assert await head.get_data() == b"", path


async def test_a_method_that_is_not_allowed(client: Client) -> None:
    response = await client.delete("/api/0/run")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert (await response.get_json())["code"] == "method_not_allowed"
