"""A map of one number by region."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from flowkit_demo import style


def class_breaks(values: pd.Series, classes: int = len(style.SEQUENCE)) -> list[float]:
    """Return rounded upper bounds that put about as many regions into each class.

    Parameters
    ----------
    values
        The numbers to divide; without missing ones.
    classes
        How many classes at most; fewer when rounding makes some of them equal.
    """
    if values.empty:
        return []
    quantiles = np.quantile(values, np.linspace(0, 1, classes + 1)[1:-1])
    rounded = sorted({_round_number(float(quantile)) for quantile in quantiles if quantile > 0})
    return [*[bound for bound in rounded if bound < values.max()], float(values.max())]


def _round_number(value: float) -> float:
    """Return a number near the given one that is easy to read: two digits that count."""
    digits = 1 - int(np.floor(np.log10(abs(value))))
    return round(value, digits)


def _label(low: float, high: float) -> str:
    return " to ".join(f"{value:,.{0 if value >= 10 else 1}f}" for value in (low, high))


def draw_choropleth(
    regions: gpd.GeoDataFrame,
    counts: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    file: Path,
    dots_per_inch: int = style.DOTS_PER_INCH,
) -> Path:
    """Draw subscribers per 100 km² in each region.

    Parameters
    ----------
    regions
        From :func:`flowkit_demo.places.regions_from_geojson`.
    counts
        Columns ``pcod`` and ``value`` (subscribers); regions that are missing are drawn as not shown.
    title, subtitle
        Text above the map.
    file
        The PNG to write.
    dots_per_inch
        Its resolution; the picture is 11 inches wide.
    """
    figure, axes = style.map_figure(regions, title, subtitle)
    density = counts.set_index("pcod")["value"].reindex(regions.index) / regions["area"]
    known = density.dropna()
    bounds = class_breaks(known)
    missing = regions[density.isna()]
    handles = []
    low = float(known.min()) if len(known) else 0.0
    colours = [style.SEQUENCE[i] for i in _spread(len(bounds))]
    for number, (high, colour) in enumerate(zip(bounds, colours, strict=True)):
        members = known.index[((known > low) | (number == 0)) & (known <= high)]
        if len(members):
            regions.loc[members].plot(ax=axes, color=colour, edgecolor=style.BORDER, linewidth=0.6)
        handles.append(
            Patch(facecolor=colour, edgecolor=style.OUTLINE, linewidth=0.4, label=_label(low, high))
        )
        low = high
    if len(missing):
        missing.plot(ax=axes, color=style.NOT_SHOWN, edgecolor=style.BORDER, linewidth=0.6, hatch="////")
        handles.append(
            Patch(facecolor=style.NOT_SHOWN, hatch="////", edgecolor="white", label="15 or fewer, or none")
        )
    gpd.GeoSeries([regions.union_all()], crs=regions.crs).boundary.plot(
        ax=axes, color=style.OUTLINE, linewidth=0.9
    )
    legend = axes.legend(
        handles=handles,
        title="Subscribers per 100 km²",
        loc="upper right",
        frameon=False,
        fontsize=10,
        title_fontsize=10.5,
        labelcolor=style.INK,
        alignment="left",
    )
    legend.get_title().set_fontweight("bold")
    figure.savefig(file, dpi=dots_per_inch)
    return file


def _spread(count: int) -> list[int]:
    """Return which of the colours to use for fewer classes than there are colours."""
    return [round(step) for step in np.linspace(0, len(style.SEQUENCE) - 1, count)] if count else []
