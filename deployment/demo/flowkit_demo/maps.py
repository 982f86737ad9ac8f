"""The two maps of the worked example."""

import geopandas as gpd

from flowclient.maps import Map, choropleth, flow_map
from flowkit_demo.places import REDACTION_NOTE, SOURCE, share_that_stayed
from flowkit_demo.worked_example import Answers

NOTE = f"{REDACTION_NOTE}\n{SOURCE}"


def map_of_residents(regions: gpd.GeoDataFrame, answers: Answers) -> Map:
    """Draw where people ended the first day."""
    return choropleth(
        regions,
        answers.residents,
        title="Where people ended the day",
        subtitle=f"Subscribers by the region of their last call or message, {answers.first:%A, %-d %B %Y}",
        unit="Subscribers per 100 km²",
        per_area=True,
        note=NOTE,
    )


def map_of_flows(regions: gpd.GeoDataFrame, answers: Answers) -> Map:
    """Draw who moved between the two days."""
    return flow_map(
        regions,
        answers.flows,
        title="Who went where",
        subtitle=(
            f"Flows between regions, from {answers.first:%A, %-d %B} to {answers.other:%A, %-d %B %Y}, "
            "by last call or message.\n"
            f"{share_that_stayed(answers.flows):.0%} of those counted were in the same region on both days."
        ),
        unit="Subscribers",
        note=NOTE,
    )
