"""A query draws its own result."""

import sys
from typing import Any

import httpx
import pandas as pd
import pytest

import flowclient
from flowclient.maps import Map, choropleth, flow_map

from .conftest import Face, accepted, ready, rows
from .maps.conftest import geography as geography

DAY = flowclient.daily_location_spec(date="2016-01-01", aggregation_unit="admin3", method="last")


def result(face: Face, geography: dict[str, Any], *records: dict[str, Any]) -> None:
    """Answer a query with these rows, and with the regions."""
    face.server.on("/api/0/run", accepted())
    face.server.on("/api/0/poll/Q", ready())
    face.server.on("/api/0/get/Q", rows(*records))
    face.server.on("/api/0/geography/admin3", httpx.Response(200, json=geography))


def test_regions(face: Face, geography: dict[str, Any]) -> None:
    records = [{"pcod": "A", "value": 16}, {"pcod": "B", "value": 20}]
    result(face, geography, *records)
    query = flowclient.spatial_aggregate(connection=face.connection(), locations=DAY)
    drawn = face.finish(query.plot(unit="Subscribers", note="Source"))
    expected = choropleth(
        geography, pd.DataFrame(records), title="Spatial aggregate", unit="Subscribers", note="Source"
    )
    assert isinstance(drawn, Map)
    assert drawn.svg() == expected.svg()


def test_flows(face: Face, geography: dict[str, Any]) -> None:
    records = [{"pcod_from": "A", "pcod_to": "B", "value": 16}]
    result(face, geography, *records)
    query = flowclient.flows(connection=face.connection(), from_location=DAY, to_location=DAY)
    drawn = face.finish(query.plot(title="Moves"))
    assert drawn.svg() == flow_map(geography, pd.DataFrame(records), title="Moves").svg()
    with pytest.raises(ValueError, match="per_area is for numbers by region"):
        face.finish(query.plot(per_area=True))


def test_unit_of_a_metric_does_not_matter(face: Face, geography: dict[str, Any]) -> None:
    result(face, geography, {"pcod": "A", "value": 16})
    metric = flowclient.unique_location_counts_spec(
        start_date="2016-01-01", end_date="2016-01-02", aggregation_unit="admin2"
    )
    query = flowclient.joined_spatial_aggregate(connection=face.connection(), locations=DAY, metric=metric)
    assert face.finish(query.plot()).title == "Joined spatial aggregate"


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"query_kind": "calendar_activity"}, "none"),
        ({"aggregation_unit": "lon-lat"}, "lon-lat"),
        ({"a": {"aggregation_unit": "admin3"}, "b": [{"aggregation_unit": "admin2"}]}, "admin2, admin3"),
    ],
)
def test_query_without_regions_is_refused_before_anything_is_sent(
    face: Face, parameters: dict[str, Any], found: str
) -> None:
    with pytest.raises(ValueError, match=f"this one's: {found}"):
        face.finish(face.connection().make_api_query(parameters).plot())
    assert face.server.requests == []


@pytest.mark.parametrize("library", ["geopandas", "matplotlib"])
def test_missing_library_is_named(face: Face, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=r"Drawing a map needs .* pip install 'flowclient\[maps\]'"):
        face.finish(face.connection().make_api_query({"aggregation_unit": "admin3"}).plot())
