"""What every kind of query means, computed with pandas from the raw events and from its definition alone.

A result is a mapping from what identifies a row to its value and the number of different subscribers
behind it. Nothing here knows FlowMachine's SQL: places are found by geopandas, ties are broken as the
definitions say.
"""

from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import sqlalchemy as sa

Spec = dict[str, Any]
Groups = dict[tuple[Any, ...], tuple[int, int]]

BUCKETS = {"day": ["date"], "hour": ["date", "hour"], "min": ["date", "hour", "min"]}
KEPT: dict[str, Literal["inner", "outer", "left", "right"]] = {
    "inner": "inner",
    "full outer": "outer",
    "left": "left",
    "right": "right",
}
THRESHOLD = 15
LEVELS = range(4)


class World:
    """The raw events of a FlowDB, each with its place in every unit.

    Parameters
    ----------
    dsn
        Of the superuser: nobody else sees single events and positions.
    """

    def __init__(self, dsn: str) -> None:
        engine = sa.create_engine(sa.make_url(dsn).set(drivername="postgresql+psycopg2"))
        try:
            with engine.connect() as connection:
                self._events = _read_events(connection)
                self._cells = _read_cells(connection)
        finally:
            engine.dispose()
        self._placed = _place(self._events, self._cells)

    @property
    def subscribers(self) -> list[str]:
        """Return everybody who has events."""
        return sorted(self._events.msisdn.unique())

    def _events_of(self, spec: Spec, start: str, end: pd.Timestamp) -> pd.DataFrame:
        """Return the events that a spec is about, those outside every place of its unit left out."""
        events = self._placed
        chosen = (events.datetime >= pd.Timestamp(start)) & (events.datetime < end)
        chosen &= events.table.isin(spec.get("event_types") or ["calls", "sms"])
        if spec.get("direction", "both") != "both":
            chosen &= events.outgoing == (spec["direction"] == "out")
        if spec.get("hours"):
            first, last = spec["hours"]["start_hour"], spec["hours"]["end_hour"]
            hour = events.datetime.dt.hour
            if first <= last:
                chosen &= (hour >= first) & (hour < last)
            else:
                chosen &= (hour >= first) | (hour < last)
        return events[chosen].dropna(subset=place_columns(spec["aggregation_unit"]))

    def locations(self, spec: Spec) -> pd.DataFrame:
        """Return the place of each subscriber: ``msisdn`` and the columns of the unit."""
        visits, rank, columns = self._visits(spec)
        return _first_per_subscriber(visits, rank, columns)

    def tied_locations(self, spec: Spec) -> dict[str, set[Any]]:
        """Return, for each subscriber, every place that no other outranks."""
        visits, rank, columns = self._visits(spec)
        (column,) = columns
        ranks = pd.Series(list(visits[rank].itertuples(index=False, name=None)), index=visits.index)
        first = visits[ranks == ranks.groupby(visits.msisdn).transform("max")]
        return {str(msisdn): set(places) for msisdn, places in first.groupby("msisdn")[column]}

    def _visits(self, spec: Spec) -> tuple[pd.DataFrame, list[str], list[str]]:
        """Return each subscriber's places, the columns that rank them, and the columns of the unit."""
        if spec["query_kind"] == "modal_location":
            return self._modal_visits(spec)
        columns = place_columns(spec["aggregation_unit"])
        day = pd.Timestamp(spec["date"])
        events = self._events_of(spec, spec["date"], day + pd.Timedelta(days=1))
        visits = events.groupby(["msisdn", *columns], as_index=False).agg(
            number=("datetime", "size"), latest=("datetime", "max")
        )
        return visits, ["latest"] if spec["method"] == "last" else ["number", "latest"], columns

    def _modal_visits(self, spec: Spec) -> tuple[pd.DataFrame, list[str], list[str]]:
        columns = place_columns(spec["locations"][0]["aggregation_unit"])
        days = [self.locations(day).assign(date=pd.Timestamp(day["date"])) for day in spec["locations"]]
        visits = (
            pd.concat(days)
            .groupby(["msisdn", *columns], as_index=False)
            .agg(number=("date", "size"), latest=("date", "max"))
        )
        return visits, ["number", "latest"], columns

    def groups(self, spec: Spec) -> Groups:
        """Return every group of a query's result, also those that may not be shown."""
        compute = {
            "spatial_aggregate": self._spatial_aggregate,
            "flows": self._flows,
            "unique_subscriber_counts": self._unique_subscriber_counts,
            "location_event_counts": self._location_event_counts,
        }
        return compute[spec["query_kind"]](spec)

    def released(self, spec: Spec) -> dict[tuple[Any, ...], int]:
        """Return the groups that may be shown: those of more than 15 subscribers."""
        return {key: value for key, (value, people) in self.groups(spec).items() if people > THRESHOLD}

    def _spatial_aggregate(self, spec: Spec) -> Groups:
        located = self.locations(spec["locations"])
        columns = [name for name in located.columns if name != "msisdn"]
        return _counted(located, columns)

    def _flows(self, spec: Spec) -> Groups:
        start, end = self.locations(spec["from_location"]), self.locations(spec["to_location"])
        columns = [name for name in start.columns if name != "msisdn"]
        both = start.merge(
            end, on="msisdn", how=KEPT[spec.get("join_type", "inner")], suffixes=("_from", "_to")
        )
        sides = [f"{name}{side}" for side in ("_from", "_to") for name in columns]
        return _counted(both, sides)

    def _unique_subscriber_counts(self, spec: Spec) -> Groups:
        columns = place_columns(spec["aggregation_unit"])
        events = self._events_of(spec, spec["start_date"], pd.Timestamp(spec["end_date"]))
        return _counted(events.drop_duplicates(["msisdn", *columns]), columns)

    def _location_event_counts(self, spec: Spec) -> Groups:
        events = self._events_of(spec, spec["start_date"], pd.Timestamp(spec["end_date"]))
        columns = [*place_columns(spec["aggregation_unit"]), *BUCKETS[spec["interval"]]]
        grouped = events.groupby(columns)["msisdn"].agg(["size", "nunique"])
        return {
            _key(key): (int(size), int(people))
            for key, size, people in grouped.itertuples(index=True, name=None)
        }


def released(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], int]:
    """Return the rows of a result by what identifies each."""
    found = {tuple(v for k, v in row.items() if k != "value"): row["value"] for row in rows}
    assert len(found) == len(rows), "two rows are the same group"
    return found


def place_columns(unit: str) -> list[str]:
    """Name the columns of the placed events that say where they were."""
    return ["lon", "lat"] if unit == "lon-lat" else [unit]


def _key(value: Any) -> tuple[Any, ...]:
    parts = value if isinstance(value, tuple) else (value,)
    return tuple(None if pd.isna(part) else part for part in parts)


def _counted(rows: pd.DataFrame, columns: list[str]) -> Groups:
    """Count the rows, each a different subscriber's, of every place."""
    counts = rows.groupby(columns, dropna=False).size()
    return {_key(key): (int(count), int(count)) for key, count in counts.items()}


def _first_per_subscriber(visits: pd.DataFrame, rank: list[str], columns: list[str]) -> pd.DataFrame:
    """Take each subscriber's place of the highest rank; of equal ones, that which comes first in order."""
    order = visits.sort_values([*rank, *columns], ascending=[False] * len(rank) + [True] * len(columns))
    return order.drop_duplicates("msisdn")[["msisdn", *columns]]


def _read_events(connection: sa.Connection) -> pd.DataFrame:
    frames = []
    for name in ("calls", "sms"):
        columns: list[sa.ColumnClause[Any]] = [
            sa.column(c) for c in ("msisdn", "datetime", "location_id", "outgoing")
        ]
        frame = pd.read_sql(sa.select(*columns).select_from(sa.table(name, schema="events")), connection)
        frames.append(frame.assign(table=name))
    events = pd.concat(frames, ignore_index=True)
    events["datetime"] = pd.to_datetime(events.datetime, utc=True).dt.tz_localize(None)
    return events.assign(
        date=events.datetime.dt.strftime("%Y-%m-%d"),
        hour=events.datetime.dt.hour,
        min=events.datetime.dt.minute,
    )


def _read_cells(connection: sa.Connection) -> gpd.GeoDataFrame:
    """Return every version of every cell with its position and regions."""
    names = ("id", "version", "date_of_first_service", "date_of_last_service", "geom_point")
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in names]
    statement = sa.select(*columns).select_from(sa.table("cells", schema="infrastructure"))
    cells = gpd.read_postgis(statement, connection, geom_col="geom_point")
    cells["lon"], cells["lat"] = cells.geom_point.x, cells.geom_point.y
    for level in LEVELS:
        pcod: sa.Label[Any] = sa.column(f"admin{level}pcod").label(f"admin{level}")
        table = sa.table(f"admin{level}", schema="geography")
        regions = gpd.read_postgis(
            sa.select(pcod, sa.column("geom")).select_from(table), connection, geom_col="geom"
        )
        cells = cells.sjoin(regions, how="left", predicate="within").drop(columns="index_right")
    return cells


def _place(events: pd.DataFrame, cells: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give each event the place of the newest version of its cell that was in service on the day."""
    first = (
        pd.to_datetime(cells.date_of_first_service)
        .astype("datetime64[us]")
        .fillna(pd.Timestamp("1900-01-01"))
    )
    last = (
        pd.to_datetime(cells.date_of_last_service).astype("datetime64[us]").fillna(pd.Timestamp("2200-01-01"))
    )
    versions = (
        pd.DataFrame(cells.drop(columns="geom_point"))
        .assign(first=first, last=last)
        .rename(columns={"id": "location_id"})
        .sort_values(["first", "version"])
        .drop_duplicates(["location_id", "first"], keep="last")
    )
    day = events.datetime.dt.normalize().astype("datetime64[us]")
    placed = pd.merge_asof(
        events.assign(day=day).sort_values("day"), versions, left_on="day", right_on="first", by="location_id"
    )
    places = ["lon", "lat", *(f"admin{level}" for level in LEVELS)]
    return placed.assign(**{name: placed[name].where(placed.day <= placed["last"]) for name in places})
