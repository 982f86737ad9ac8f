"""Population-weighted opportunities, against their definition."""

import datetime as dt
import warnings

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowmachine.core import make_spatial_unit
from flowmachine.features import PopulationWeightedOpportunities
from tests.country import Event
from tests.oracle import definitions
from tests.oracle.clusters_definitions import metres
from tests.oracle.conftest import Runner
from tests.oracle.definitions import Place, Window
from tests.oracle.strategies import crowds, events
from tests.oracle.test_definitions import oracle
from tests.oracle.test_definitions import pytestmark as pytestmark


def opportunities(
    population: dict[Place, int], rates: dict[Place, float]
) -> dict[tuple[object, ...], tuple[float, float]]:
    """Predict how many go from each origin to each other place, and how likely one who leaves goes there."""
    everybody = sum(population.values())
    found = {}
    for origin, rate in rates.items():
        if origin not in population:
            continue
        weights = {}
        for aim in population.keys() - {origin}:
            reach = metres(origin, aim)
            around = sum(
                people
                for place, people in population.items()
                if place != aim and metres(place, aim) <= reach + 1e-6
            )
            around += population[aim] - population[origin]
            weights[aim] = population[aim] * (1 / around - 1 / everybody)
        leaving = population[origin] * rate
        for aim, weight in weights.items():
            prediction = leaving * weight / sum(weights.values())
            found[*origin, *aim] = (prediction, prediction / leaving if leaving else 0)
    return found


CENTRES = [(0.5, 0.5), (1.5, 0.5), (0.2, 0.2), (2.5, 0.5)]
rates = st.sampled_from([0.1, 0.0, 1.0]) | st.dictionaries(
    st.sampled_from(CENTRES), st.sampled_from([0.0, 0.25, 1.0]), min_size=1
)


@oracle
@given(
    data=events | crowds, rate=rates, last=st.integers(1, 3), method=st.sampled_from(["last", "most-common"])
)
def test_opportunities(
    run: Runner, data: list[Event], rate: float | dict[Place, float], last: int, method: str
) -> None:
    given_rate = rate
    if isinstance(rate, dict):
        rows = [(*place, value) for place, value in rate.items()]
        given_rate = pd.DataFrame(rows, columns=["lon", "lat", "rate"])[["rate", "lon", "lat"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        query = PopulationWeightedOpportunities(
            "2016-01-01",
            f"2016-01-0{last}",
            spatial_unit=make_spatial_unit("lon-lat"),
            departure_rate=given_rate,
            method=method,
        )
    days = [dt.datetime(2016, 1, day, tzinfo=dt.UTC) for day in range(1, last + 1)]
    locate = definitions.last_location if method == "last" else definitions.most_frequent_location
    located = [(day, locate(data, Window(day, day + dt.timedelta(days=1)), "lon-lat")) for day in days]
    counted = definitions.spatial_aggregate(definitions.modal_location(located))
    population = {place: people for place, (people, _) in counted.items()}
    origins = rate if isinstance(rate, dict) else dict.fromkeys(population, rate)
    found = {row[:4]: row[4:] for row in run(data, query)}
    expected = opportunities(population, origins)
    assert found.keys() == expected.keys()
    for pair, values in found.items():
        assert values == pytest.approx(expected[pair])
