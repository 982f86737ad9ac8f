"""What the public import paths offer beside queries: helpers, replies, errors, logs."""

import json
import logging

import pytest

from flowmachine import utils
from flowmachine.core import errors, set_log_level
from flowmachine.core.errors import flowmachine_errors
from flowmachine.core.server.exceptions import FlowmachineServerError, QueryLoadError
from flowmachine.core.server.zmq_helpers import ZMQReply, ZMQReplyMessage, ZMQReplyPayload, ZMQReplyStatus


def test_nested_values_can_be_compared_and_sent() -> None:
    assert utils.to_nested_list(({"a": (1, {2})}, "bc", [range(2)])) == [{"a": [1, [2]]}, "bc", [[0, 1]]]
    assert utils.convert_dict_keys_to_strings({1: [{2: "a"}], "b": None}) == {"1": [{"2": "a"}], "b": None}
    mixed = {"b": [3, 1, {"z": 1, "a": [2, 1]}], "a": "cb"}
    assert json.dumps(utils.sort_recursively(mixed)) == '{"a": "cb", "b": [1, 3, {"a": [1, 2], "z": 1}]}'


def test_sql_for_people_to_read() -> None:
    assert utils.pretty_sql("select a from b where c = 'It' limit 1") == (
        "SELECT\n  a\nFROM b\nWHERE\n  c = 'It'\nLIMIT 1"
    )
    with pytest.raises(ValueError, match="cannot be read"):
        utils.pretty_sql("SELECT (")


@pytest.mark.parametrize(
    "name",
    [
        "StoreFailedException",
        "QueryResetFailedException",
        "QueryErroredException",
        "QueryCancelledException",
    ],
)
def test_what_ends_a_query_names_it(name: str) -> None:
    ended = getattr(errors, name)("abc")
    assert getattr(flowmachine_errors, name) is type(ended)
    assert ended.query_id == "abc"
    assert "abc" in str(ended)
    assert str(ended).endswith(".")


@pytest.mark.parametrize("error", [errors.QueryErroredError, errors.QueryResetFailedError])
def test_the_cause_is_told_where_there_is_one(error: type[Exception]) -> None:
    assert str(error("abc", "no room")).endswith(": no room")
    assert error("abc", "no room").cause == "no room"


def test_replies_have_a_status_and_something_to_say() -> None:
    reply = ZMQReply("success", payload={"a": 1})
    assert reply.as_json() == {"status": "success", "msg": "", "payload": {"a": 1}}
    assert json.loads(reply.encode()) == reply.as_json()
    assert ZMQReply(ZMQReplyStatus.ERROR, ValueError("why")).as_json()["msg"] == "why"
    with pytest.raises(ValueError, match="a message or a payload"):
        ZMQReply("success")
    with pytest.raises(ValueError, match="'maybe' is not a valid ZMQReplyStatus"):
        ZMQReplyStatus("maybe")
    assert (ZMQReplyPayload(None), ZMQReplyMessage(7)) == ({}, "7")


def test_errors_of_clients_keep_what_they_were_told() -> None:
    error = QueryLoadError("no such kind", {"query_kind": "x"}, orig_error_msg="x")
    assert isinstance(error, FlowmachineServerError)
    assert (error.error_msg, error.params, error.details) == (
        "no such kind",
        {"query_kind": "x"},
        {"orig_error_msg": "x"},
    )


@pytest.mark.parametrize(("level", "number"), [("debug", logging.DEBUG), ("LOUD", logging.ERROR)])
def test_the_level_of_a_log(level: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    log = logging.getLogger("flowmachine.debug")
    monkeypatch.setattr(log, "level", log.level)
    set_log_level("flowmachine.debug", level)
    assert log.level == number
