"""The worked example of FlowKit: from a token to maps."""

from flowkit_demo.choropleth import draw_choropleth
from flowkit_demo.flow_map import draw_flows
from flowkit_demo.places import regions_from_geojson
from flowkit_demo.worked_example import Answers, run

__all__ = ["Answers", "draw_choropleth", "draw_flows", "regions_from_geojson", "run"]
