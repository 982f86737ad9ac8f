"""Location queries with given rows, for what queries over locations do with any of them."""

from typing import Any

import attrs
import sqlalchemy as sa
from hypothesis import strategies as st
from sqlalchemy import Select

from flowmachine.core import make_spatial_unit
from flowmachine.core.compilation import Compilation
from flowmachine.core.spatial_unit import SpatialUnit
from flowmachine.features.utilities.locating import BaseLocation
from tests.oracle.definitions import Place
from tests.oracle.locating_definitions import Located
from tests.oracle.strategies import SUBSCRIBERS

UNITS: dict[str, SpatialUnit] = {name: make_spatial_unit(name) for name in ("cell", "lon-lat")}
PLACES: dict[str, list[Place]] = {
    "cell": [("c0",), ("c1",), ("c2",), (None,)],
    "lon-lat": [(0.5, 0.5), (0.5, 1.5), (1.5, 0.5), (None, 0.5), (None, None)],
}
"""Few places, one of them unknown; of one, only a part is known."""


@attrs.frozen(eq=False, slots=False, repr=False)
class Given(BaseLocation):
    """Rows of a subscriber, a place and perhaps a value, as they are given."""

    rows: tuple[tuple[Any, ...], ...]
    unit: str
    valued: bool = False
    several: bool = False
    start: str = "2016-01-01 00:00:00"
    worth_storing = False

    @property
    def spatial_unit(self) -> SpatialUnit:  # type: ignore[override]
        return UNITS[self.unit]

    @property
    def one_row_per_subscriber(self) -> bool:  # type: ignore[override]
        return not self.several

    def select(self, using: Compilation) -> Select[Any]:
        kind: Any = sa.Text if self.unit == "cell" else sa.Double
        names = [("subscriber", sa.Text), *((name, kind) for name in self.spatial_unit.location_id_columns)]
        if self.valued:
            names.append(("value", sa.Numeric))
        rows = [
            sa.select(
                *(
                    sa.cast(sa.null() if value is None else sa.literal(value), type_).label(name)
                    for value, (name, type_) in zip(row, names, strict=True)
                )
            )
            for row in self.rows
        ]
        nothing = sa.select(*(sa.cast(sa.null(), type_).label(name) for name, type_ in names)).where(
            sa.false()
        )
        return sa.select(*sa.union_all(*rows, nothing).subquery("given").c)


def given(rows: Any, unit: str, **more: Any) -> Given:
    """Make a query of rows of a subscriber, a place as one, and perhaps a value."""
    flat = tuple((who, *place, *value) for who, place, *value in rows)
    return Given(flat, unit, valued=any(len(row) > 2 for row in rows), **more)


units = st.sampled_from(sorted(UNITS))
subscribers = st.sampled_from(SUBSCRIBERS)
people = st.integers(0, 70).map("p{}".format)


def located(unit: str) -> st.SearchStrategy[list[Located]]:
    """Draw rows of subscribers and places, repeated ones among them."""
    return st.lists(st.tuples(subscribers, st.sampled_from(PLACES[unit])), max_size=12)


def locations(unit: str) -> st.SearchStrategy[dict[str, Place]]:
    """Draw a place for some subscribers."""
    return st.dictionaries(subscribers, st.sampled_from(PLACES[unit]))


def crowded_locations(unit: str) -> st.SearchStrategy[dict[str, Place]]:
    """Draw places for so many subscribers that groups are about as large as the threshold."""
    return st.lists(st.sampled_from(PLACES[unit][:3]), min_size=30, max_size=70).map(
        lambda places: {f"p{number}": place for number, place in enumerate(places)}
    )


def crowded(unit: str) -> st.SearchStrategy[list[Located]]:
    """Draw places for so many subscribers, most with one, some with several."""
    more = st.lists(st.tuples(people, st.sampled_from(PLACES[unit])), max_size=20)
    return st.tuples(crowded_locations(unit), more).map(lambda drawn: [*drawn[0].items(), *drawn[1]])
