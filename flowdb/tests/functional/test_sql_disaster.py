"""The disaster of the SQL generator: nobody is in its region, and those who lived there stay away."""

from dataclasses import replace
from datetime import date

import pytest
import shapely
from sql_country import MOVED, SMALL, Country, day, made

from flowdb.database import connect
from flowdb.geography.nepal import bundled_levels
from flowdb.synthetic.network import read_network, read_regions
from flowdb.synthetic.parameters import Disaster, ParameterError, Parameters
from flowdb.synthetic.sql.generator import SqlGenerator
from flowdb.testing import RunningFlowDB

START, END = day(2), day(4)
STRUCK = [day(2), day(3), day(4)]


def struck_cells(country: Country, level: int, code: str, when: date) -> set[str]:
    """Return the cells that are in a region on a day, by plain geometry."""
    regions = bundled_levels()[level]
    region = regions[regions[f"admin{level}pcod"] == code].geometry.iloc[0]
    serving = country.serving(when)
    inside = shapely.intersects_xy(region, serving.x.to_numpy(), serving.y.to_numpy())
    return set(serving.index[inside])


def code_with_cells(level: int, x: float, y: float) -> str:
    """Return the code of the region of a level at a point."""
    regions = bundled_levels()[level]
    return regions[regions.contains(shapely.Point(x, y))][f"admin{level}pcod"].iloc[0]


@pytest.fixture(scope="module", params=[1, 2, 3])
def struck(request: pytest.FixtureRequest, country_flowdb: RunningFlowDB) -> tuple[Country, int, str]:
    """Return a country with a disaster in a region of each level into which a cell moves meanwhile."""
    middle = bundled_levels()[1].set_index("admin1pcod").geometry["524 2"].representative_point()
    code = code_with_cells(request.param, middle.x, middle.y)
    parameters = replace(
        SMALL, days=6, sms=3_000, mds=3_000, topups=3_000, disaster=Disaster(START, END, code)
    )
    with made(country_flowdb, parameters) as country:
        country.read_all()
    return country, request.param, code


def test_nobody_is_in_the_region_while_it_lasts(struck: tuple[Country, int, str]) -> None:
    country, level, code = struck
    for rows in country.events.values():
        for each, of_day in rows.groupby("day"):
            inside = struck_cells(country, level, code, each)
            assert inside
            assert bool(inside & set(of_day.location_id)) == (each not in STRUCK)


def test_a_cell_that_moves_into_the_region_falls_silent(struck: tuple[Country, int, str]) -> None:
    country, level, code = struck
    assert MOVED not in struck_cells(country, level, code, day(2))
    assert MOVED in struck_cells(country, level, code, day(3))
    days = set(country.events["calls"].query("location_id == @MOVED").day)
    assert days == {day(1), day(2), day(5), day(6)}
    assert MOVED not in set(country.homes_on(day(3)))


def test_those_who_lived_there_move_on_the_first_day_and_others_do_not(
    struck: tuple[Country, int, str],
) -> None:
    country, level, code = struck
    inside = struck_cells(country, level, code, START)
    before, after = country.homes_on(day(1)), country.homes_on(START)
    lived_there = before.isin(inside)
    assert lived_there.sum() > 3
    assert not after.isin(inside).any()
    # Of the others only as many as always: a cell that closes comes a day later.
    others = (before != after) & ~lived_there
    mean = country.parameters.subscribers * country.parameters.relocate
    assert abs(others.sum() - mean) < 4 * mean**0.5 + 1


def test_nobody_moves_there_and_nobody_is_moved_back(struck: tuple[Country, int, str]) -> None:
    country, level, code = struck
    for each in STRUCK:
        assert not set(country.homes_on(each)) & struck_cells(country, level, code, each)
    # Afterwards only those whose turn it is to move may come.
    mean = country.parameters.subscribers * country.parameters.relocate
    moved = (country.homes_on(day(4)) != country.homes_on(day(5))).sum()
    assert moved < mean + 4 * mean**0.5


def test_homes_without_a_disaster_are_the_same_until_it_strikes(
    struck: tuple[Country, int, str], country_flowdb: RunningFlowDB
) -> None:
    country, _, _ = struck
    first = country.homes_on(day(1))
    with made(country_flowdb, replace(SMALL, days=2, calls=0)) as calm:
        assert (calm.homes_on(day(1)) == first).all()


def prepare(flowdb: RunningFlowDB, parameters: Parameters, *statements: str) -> None:
    """Make what days share, after some statements, and leave nothing."""
    with connect(flowdb.settings()) as connection:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        network = read_network(connection)
        assert network is not None
        try:
            SqlGenerator(parameters).prepare(connection, read_regions(connection), network)
        finally:
            connection.rollback()


def struck_by(code: str, start: date = START) -> Parameters:
    return replace(SMALL, disaster=Disaster(start, END, code))


def test_an_unknown_region_is_refused_with_those_there_are(country_flowdb: RunningFlowDB) -> None:
    with pytest.raises(ParameterError) as refused:
        prepare(country_flowdb, struck_by("NPL.1.1_1"))
    assert str(refused.value) == (
        "There is no region 'NPL.1.1_1' for a disaster. The codes are, admin0: '524'; "
        "admin1: '524 1', '524 2', '524 3', ... (5); admin2: '524 1 01', '524 1 02', '524 1 03', ... (14); "
        "admin3: '524 1 01 01', '524 1 01 02', '524 1 01 03', ... (75)."
    )


def test_a_disaster_everywhere_is_refused(country_flowdb: RunningFlowDB) -> None:
    everywhere = (
        "UPDATE geography.admin3 SET geom = ST_Multi(ST_MakeEnvelope(60, 10, 120, 50, 4326)) "
        "WHERE admin3pcod = '524 1 01 01'"
    )
    with pytest.raises(ParameterError, match="On 2016-01-02 no cell is in service outside the region '524 1"):
        prepare(country_flowdb, struck_by("524 1 01 01"), everywhere)


def test_a_day_without_service_is_refused(country_flowdb: RunningFlowDB) -> None:
    with pytest.raises(ParameterError, match="No cell is in service on 2005-01-01"):
        prepare(
            country_flowdb,
            replace(SMALL, start=date(2005, 1, 1)),
            "DELETE FROM infrastructure.cells WHERE date_of_first_service IS NULL",
        )


def test_without_phone_models_nothing_is_made(country_flowdb: RunningFlowDB) -> None:
    with pytest.raises(ParameterError, match="no phone models"):
        prepare(country_flowdb, SMALL, "DELETE FROM infrastructure.tacs")


def test_literal_quotes_around_the_code_are_not_part_of_it(country_flowdb: RunningFlowDB) -> None:
    prepare(country_flowdb, struck_by('"524 2"'))


def test_a_disaster_long_ago_is_none(country_flowdb: RunningFlowDB) -> None:
    long_ago = date(2015, 1, 1)
    prepare(country_flowdb, replace(SMALL, disaster=Disaster(long_ago, long_ago, "NPL.1.1_1")))
