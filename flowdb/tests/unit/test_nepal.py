import pytest
import shapely
from shapely.geometry import Polygon

from flowdb.geography.nepal import COUNTS, bundled_levels


def test_levels_have_their_numbers_of_regions() -> None:
    assert tuple(len(level) for level in bundled_levels()) == COUNTS == (1, 5, 14, 75)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_regions_fill_the_level_above_without_overlap(level: int) -> None:
    above, own = bundled_levels()[level - 1], bundled_levels()[level]
    for _, parent in above.iterrows():
        code = f"admin{level - 1}pcod"
        children = own[own[code] == parent[code]].geometry.to_numpy()
        assert shapely.coverage_is_valid(children)
        joined = shapely.union_all(children)
        assert joined.symmetric_difference(parent.geometry).area < 1e-9 * parent.geometry.area


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_regions_are_valid_multipolygons_in_one_piece_with_own_codes(level: int) -> None:
    frame = bundled_levels()[level]
    assert frame.geometry.is_valid.all()
    assert set(frame.geom_type) == {"MultiPolygon"}
    assert {len(shape.geoms) for shape in frame.geometry} == {1}
    assert frame[f"admin{level}pcod"].is_unique
    assert frame[f"admin{level}name"].is_unique


def test_codes_begin_with_those_above() -> None:
    for row in bundled_levels()[3].itertuples():
        assert row.admin3pcod.startswith(f"{row.admin2pcod} ")
        assert row.admin2pcod.startswith(f"{row.admin1pcod} ")
        assert row.admin1pcod.startswith("524 ")


def test_borders_are_not_ruled() -> None:
    for shape in bundled_levels()[3].geometry:
        outer: Polygon = shape.geoms[0]
        assert len(outer.exterior.coords) > 20


def test_no_region_is_a_sliver() -> None:
    areas = bundled_levels()[3].geometry.to_crs("EPSG:6933").area / 1e6
    assert areas.min() > 100
    assert areas.sum() == pytest.approx(147_500, rel=0.02)
