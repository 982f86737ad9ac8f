"""Wrong requests: status and message are those that clients know, and nothing breaks."""

from typing import Any

import pytest
from api import Api
from signing import Signer
from specs import Spec, aggregate, daily, dummy, event_counts, flows, modal, unique_subscribers

NOT_A_SPEC = "Could not parse query spec."


@pytest.fixture(autouse=True)
def _the_next_request_works(api: Api) -> Any:
    yield
    assert api.run(dummy("afterwards")).status_code == 202


def without(spec: Spec, field: str) -> Spec:
    """Return a spec without one of its fields."""
    return {name: value for name, value in spec.items() if name != field}


DAY = daily()
BAD_SPECS: dict[str, tuple[Spec, list[str]]] = {
    "unknown kind": ({"query_kind": "nope"}, ["Unsupported value: nope"]),
    "kind that is null": ({"query_kind": None}, ["Missing data for required field."]),
    "kind that is not a text": ({"query_kind": ["flows"]}, ["query_kind"]),
    "kind that only nests": (DAY, ["Unsupported value: daily_location"]),
    "unknown kind inside": (aggregate({"query_kind": "nope"}), ["locations", "Unsupported value: nope"]),
    "aggregate inside": (aggregate(aggregate(DAY)), ["locations", "Unsupported value: spatial_aggregate"]),
    "missing field": (without(event_counts(), "interval"), ["interval", "Missing data for required field."]),
    "missing field inside": (
        aggregate(without(DAY, "method")),
        ["method", "Missing data for required field."],
    ),
    "missing field in a list": (
        aggregate({"query_kind": "modal_location", "locations": [without(DAY, "date")]}),
        ['"0"', "date", "Missing data for required field."],
    ),
    "unknown field": (unique_subscribers(foo=1), ["foo", "Unknown field."]),
    "derived unit": (
        {**aggregate(DAY), "aggregation_unit": "admin3"},
        ["aggregation_unit", "Unknown field."],
    ),
    "wrong unit": (
        unique_subscribers("admin9"),
        ["aggregation_unit", "Must be one of: admin0, admin1, admin2, admin3, lon-lat."],
    ),
    "two units": (
        flows(DAY, daily(unit="admin2")),
        ["_schema", "'from_location' and 'to_location' parameters must have the same aggregation unit"],
    ),
    "two units in a list": (
        aggregate({"query_kind": "modal_location", "locations": [DAY, daily(unit="admin2")]}),
        ["All inputs to modal_location should have the same aggregation unit"],
    ),
    "wrong method": (aggregate(daily(method="best")), ["method", "Must be one of: last, most-common."]),
    "wrong interval": (event_counts("week"), ["interval", "Must be one of: day, hour, min."]),
    "wrong direction": (event_counts(direction="up"), ["direction", "Must be one of: in, out, both."]),
    "wrong join": (
        flows(DAY, DAY, join_type="cross"),
        ["join_type", "Must be one of: inner, full outer, left, right, left outer, right outer."],
    ),
    "wrong event type": (
        unique_subscribers(event_types=["fax"]),
        ["event_types", '"0"', "Must be one of: calls, sms, mds, topups."],
    ),
    "no event types": (unique_subscribers(event_types=[]), ["Shorter than minimum length 1."]),
    "event types that are no list": (unique_subscribers(event_types="calls"), ["Not a valid list."]),
    "no locations": (
        {"query_kind": "spatial_aggregate", "locations": modal()},
        ["Shorter than minimum length 1."],
    ),
    "date that is none": (aggregate(daily("yesterday")), ["date", "Not a valid datetime."]),
    "date as a number": (aggregate({**DAY, "date": 20160101}), ["date", "Not a valid datetime."]),
    "hour of a longer day": (
        unique_subscribers(hours={"start_hour": 0, "end_hour": 25}),
        ["end_hour", "Must be greater than or equal to 0 and less than or equal to 24."],
    ),
    "hours that are no object": (
        unique_subscribers(hours=[1, 2]),
        ["hours", "_schema", "Invalid input type."],
    ),
    "subset that is no id": (
        unique_subscribers(subscriber_subset={"query_kind": "flows"}),
        ["subscriber_subset"],
    ),
    "locations that are no object": ({"query_kind": "spatial_aggregate", "locations": 7}, ["locations"]),
    "table outside those meant for it": (unique_subscribers(mapping_table="events.calls"), ["mapping_table"]),
    "dummy that would not fit an address": (dummy("../../etc"), ["dummy_param"]),
}


@pytest.fixture(scope="module")
def generous(signer: Signer, all_scopes: list[str]) -> dict[str, str]:
    """Return the header of a token that grants even what does not exist, so that only the spec is refused."""
    return signer.headers(*all_scopes)


@pytest.mark.parametrize("name", BAD_SPECS)
def test_specs(api: Api, generous: dict[str, str], name: str) -> None:
    spec, words = BAD_SPECS[name]
    response = api.run(spec, headers=generous)
    assert response.status_code == 400, response.text
    body = response.json()
    assert body["msg"].startswith("Parameter validation failed.")
    for word in words:
        assert word in body["msg"]
    assert body["payload"]["validation_error_messages"]
    assert "location" not in response.headers


@pytest.mark.parametrize("spec", [None, [], "flows", 7, {}, {"kind": "flows"}], ids=repr)
def test_bodies_without_a_query(api: Api, spec: Any) -> None:
    response = api.run(spec)
    assert (response.status_code, response.json()["msg"]) == (400, NOT_A_SPEC)


@pytest.mark.parametrize("body", [b"", b"{", b'{"query_kind": "flows"', b"\xff\xfe", b"[" * 100_000, b"NaN"])
def test_malformed_json(api: Api, body: bytes) -> None:
    response = api.client.post("/api/0/run", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["msg"]) == (400, NOT_A_SPEC)


def test_another_content_type(api: Api) -> None:
    response = api.client.post("/api/0/run", data={"query_kind": "flows"})
    assert (response.status_code, response.json()["msg"]) == (400, NOT_A_SPEC)


def test_deep_nesting(api: Api) -> None:
    spec: Any = daily()
    for _ in range(200):
        spec = aggregate(spec)
    response = api.run(spec)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "spec",
    [
        aggregate(daily("2015-12-31")),
        aggregate({"query_kind": "modal_location", "locations": [daily(), daily("2017-01-01")]}),
        unique_subscribers(start_date="2020-01-01", end_date="2020-01-08"),
        unique_subscribers(event_types=["mds"]),
    ],
    ids=["before the first", "one of two", "window", "type"],
)
def test_dates_without_data(api: Api, spec: Spec) -> None:
    response = api.run(spec)
    assert response.status_code == 400
    body = response.json()
    assert (body["status"], body["msg"]) == ("Error", "Unable to create query object.")
    assert body["payload"]["exception"]


def test_a_window_that_ends_before_it_begins(api: Api) -> None:
    response = api.run(unique_subscribers(start_date="2016-01-03", end_date="2016-01-01"))
    assert response.status_code == 400
    assert response.json()["payload"]


def test_unknown_ids(api: Api) -> None:
    for path in ("poll/no-such-id", "get/no-such-id", "get/no-such-id.csv"):
        response = api.get(path)
        assert response.status_code == 404
        assert response.json()["msg"] == "Unknown query ID 'no-such-id'"


def test_file_types(api: Api) -> None:
    query_id = api.complete(aggregate(daily()))
    for file_type in ("xlsx", "JSON", "geo", "tar.gz"):
        response = api.get(f"get/{query_id}.{file_type}")
        if file_type == "tar.gz":  # then the id is what is before the last dot
            assert response.status_code == 404
            continue
        assert response.status_code == 400
        assert (response.json()["status"], response.json()["msg"]) == ("error", "Invalid file format")


def test_no_map_of_what_has_no_places(api: Api) -> None:
    query_id = api.complete(dummy("no-places"))
    response = api.get(f"get/{query_id}.geojson")
    assert response.status_code == 403
    assert response.json()["status"] == "Error"
    assert "no geojson compatible representation" in response.json()["msg"]


def test_unknown_units(api: Api, signer: Signer) -> None:
    assert api.get("geography/admin9").status_code == 403
    headers = signer.headers("get_result", "admin9:geography:geography")
    response = api.get("geography/admin9", headers=headers)
    assert (response.status_code, response.json()["status"]) == (500, "Error")
    assert response.json()["msg"] == "Parameter validation failed."


def test_paths_and_methods(api: Api) -> None:
    for path in ("nosuchquery", "run/", "poll/", "get/a/b"):
        response = api.get(path)
        assert (response.status_code, response.headers["content-type"]) == (404, "application/json")
    response = api.get("run")
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"OPTIONS", "POST"}
    assert response.json()["msg"]
    assert api.client.post("/api/0/available_dates").status_code == 405
    redirect = api.get("qa")
    assert redirect.status_code == 308
    assert redirect.headers["location"].endswith("/api/0/qa/")


@pytest.mark.parametrize(
    "path",
    ["qa/calls/x/yesterday", "qa/calls/x", "qa/calls/x?start_date=2016-01-01", "qa/calls/x?end_date=x"],
)
def test_quality_checks_with_bad_dates(api: Api, path: str) -> None:
    response = api.get(path)
    assert response.status_code == 400
    assert "expected for format is YYYY-MM-DD" in response.json()["msg"]


def test_quality_checks_that_were_not_made(api: Api) -> None:
    window = "start_date=2016-01-01&end_date=2016-01-02"
    for path in ("qa/calls/none/2016-01-01", f"qa/calls/none?{window}", f"qa/fax/none?{window}"):
        response = api.get(path)
        assert response.status_code == 404
        assert response.json()["msg"].startswith("No qa checks found for")


def test_text_that_looks_like_sql(api: Api, signer: Signer, generous: dict[str, str]) -> None:
    """Whatever a request holds is data."""
    nasty = "x'; DROP TABLE cache.cached; --"
    for response in (
        api.run(unique_subscribers(mapping_table=f"geography.{nasty}"), headers=generous),
        api.run(unique_subscribers(subscriber_subset=nasty), headers=generous),
        api.run(aggregate(daily(nasty)), headers=generous),
        api.get(f"poll/{nasty}"),
        api.get(f"qa/{nasty}/{nasty}/2016-01-01"),
        api.get(f"geography/{nasty}", headers=signer.headers("get_result", f"{nasty}:geography:geography")),
    ):
        assert 400 <= response.status_code < 500 or response.json()["msg"] == "Parameter validation failed."
    assert api.rows(aggregate(daily()))
