"""Names of regions in tables, and words about what maps show."""

import geopandas as gpd
import pandas as pd

REDACTION_NOTE = "Regions and flows with 15 or fewer subscribers are not shown."
SOURCE = (
    "Source: synthetic call detail records made by FlowKit; outline of Nepal: Natural Earth (public domain)."
)


def with_names(table: pd.DataFrame, regions: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return a table with the name of each region beside its ``pcod``."""
    named = table.copy()
    for column in [name for name in table.columns if name.startswith("pcod")]:
        names = table[column].map(regions["name"])
        named.insert(list(named.columns).index(column) + 1, column.replace("pcod", "name"), names)
    return named


def share_that_stayed(flows: pd.DataFrame) -> float:
    """Return the share of subscribers in the released flows whose region is the same on both days."""
    total = flows["value"].sum()
    return float(flows.loc[flows["pcod_from"] == flows["pcod_to"], "value"].sum() / total) if total else 0.0
