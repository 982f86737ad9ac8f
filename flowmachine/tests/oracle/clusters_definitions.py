"""Clusters of sites, scores of places and their labels, in plain Python, written from the definitions."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from statistics import fmean

import attrs
from pyproj import Geod

from tests.country import REGIONS, Event
from tests.oracle.definitions import Groups, Place, Window, placed_events

# id, version, first and last day of service, longitude, latitude
SITES = [
    ("s0", 0, None, None, 0.5, 0.5),
    ("s0b", 0, None, None, 0.501, 0.5),
    ("s1", 0, None, None, 1.5, 0.5),
    ("s2", 0, None, None, 2.5, 0.5),
    ("s3", 0, None, None, 3.5, 0.5),
    ("moving", 0, None, dt.date(2016, 1, 2), 0.2, 0.2),
    ("moving", 1, dt.date(2016, 1, 3), None, 3.2, 0.2),
    ("far", 0, None, None, 40.0, 40.0),
]
SITE_OF_CELL = {
    "c0": "s0",
    "c1": "s1",
    "c1b": "s1",
    "c2": "s2",
    "c3": "s3",
    "moved": "moving",
    "outside": "far",
}
POSITIONS = {(id_, version): (lon, lat) for id_, version, _, _, lon, lat in SITES}
_EARTH = Geod(ellps="WGS84")

Point = tuple[float, float]


def metres(one: Point, other: Point) -> float:
    """Measure the way between two positions along the ellipsoid."""
    return _EARTH.inv(*one, *other)[2]


@attrs.frozen
class Days:
    """Days on which a subscriber was at a version of a site."""

    subscriber: str
    site: str
    version: int
    value: int


@attrs.define
class Cluster:
    """A cluster in the making; one of a site whose position is not known has no centre."""

    centre: Point | None
    rank: int
    weight: int
    sites: list[tuple[str, int]]


def hartigan(rows: Iterable[Days], radius: float, threshold: int = 0) -> dict[str, list[Cluster]]:
    """Cluster the sites of each subscriber, those with most days first, then by id and version."""
    found: dict[str, list[Cluster]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (-row.value, row.site, row.version)):
        clusters, here = found[row.subscriber], POSITIONS.get((row.site, row.version))
        near = [c for c in clusters if here and c.centre and metres(c.centre, here) < 1000 * radius]
        if not near:
            clusters.append(Cluster(here, len(clusters) + 1, row.value, [(row.site, row.version)]))
            continue
        cluster, total = near[0], near[0].weight + row.value
        cluster.centre = (
            (cluster.centre[0] * cluster.weight + here[0] * row.value) / total,
            (cluster.centre[1] * cluster.weight + here[1] * row.value) / total,
        )
        cluster.weight = total
        cluster.sites.append((row.site, row.version))
    return {who: [c for c in clusters if c.weight >= threshold] for who, clusters in found.items()}


def event_scores(
    events: Iterable[Event], window: Window, unit: str, hours: Sequence[float], days: Sequence[float]
) -> dict[tuple[object, ...], tuple[float, float]]:
    """Average the scores of the placed events of each subscriber and place."""
    times: dict[tuple[object, ...], list[dt.datetime]] = defaultdict(list)
    for who, when, place in placed_events(events, window, unit):
        times[(who, *place)].append(when)

    def mean(scores: list[float]) -> float:
        return float(sum(Fraction(repr(score)) for score in scores)) / len(scores)

    return {
        key: (mean([hours[when.hour] for when in seen]), mean([days[when.weekday()] for when in seen]))
        for key, seen in times.items()
    }


Box = tuple[float, float, float, float]
"""An area of scores: from and to which hour score, from and to which weekday score."""


def label_of(score: tuple[float, float], boxes: Mapping[str, Box]) -> str:
    """Return the label whose box has the score in its inside."""
    for label, (left, right, low, high) in boxes.items():
        if left < score[0] < right and low < score[1] < high:
            return label
    return "unknown"


@attrs.frozen
class Score:
    """Scores of a subscriber at a version of a site."""

    subscriber: str
    site: str
    version: int
    hour: float
    day: float


def labelled_clusters(
    days: Iterable[Days], scores: Iterable[Score], radius: float, boxes: Mapping[str, Box], threshold: int = 0
) -> dict[str, list[tuple[str, Point | None]]]:
    """Label each cluster that has a score by the means of its sites' scores."""
    by_site: dict[tuple[str, str, int], list[Score]] = defaultdict(list)
    for score in scores:
        by_site[score.subscriber, score.site, score.version].append(score)
    found: dict[str, list[tuple[str, Point | None]]] = defaultdict(list)
    for who, clusters in hartigan(days, radius, threshold).items():
        for cluster in clusters:
            own = [score for site in cluster.sites for score in by_site[who, *site]]
            if own:
                mean = (fmean(s.hour for s in own), fmean(s.day for s in own))
                found[who].append((label_of(mean, boxes), cluster.centre))
    return found


def meaningful_locations(
    labelled: Mapping[str, list[tuple[str, Point | None]]], label: str
) -> dict[str, set[Point | None]]:
    """Take the different clusters of each subscriber that have a label."""
    chosen = {who: {centre for of, centre in found if of == label} for who, found in labelled.items()}
    return {who: centres for who, centres in chosen.items() if centres}


def region_of(centre: Point | None, level: int) -> Place:
    """Return the region in whose inside a position is."""
    for pcod, (west, east) in REGIONS[level].items():
        if centre and west < centre[0] < east and 0 < centre[1] < 1:
            return (pcod,)
    return (None,)


def aggregate(locations: Mapping[str, set[Point | None]], label: str, level: int) -> Groups:
    """Count subscribers by place, each cluster as its part of one."""
    parts: dict[tuple[object, ...], list[Fraction]] = defaultdict(list)
    people: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for who, centres in locations.items():
        for centre in centres:
            key = (label, *region_of(centre, level))
            parts[key].append(Fraction(1, len(centres)))
            people[key].add(who)
    return {key: (float(sum(own)), len(people[key])) for key, own in parts.items()}


def od_matrix(
    one: Mapping[str, set[Point | None]],
    other: Mapping[str, set[Point | None]],
    labels: tuple[str, str],
    level: int,
) -> Groups:
    """Count subscribers by pair of places, each pair of clusters as its part of one."""
    parts: dict[tuple[object, ...], list[Fraction]] = defaultdict(list)
    people: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for who in one.keys() & other.keys():
        for origin in one[who]:
            for aim in other[who]:
                key = (*labels, *region_of(origin, level), *region_of(aim, level))
                parts[key].append(Fraction(1, len(one[who]) * len(other[who])))
                people[key].add(who)
    return {key: (float(sum(own)), len(people[key])) for key, own in parts.items()}


def site_of(cell: str | None, day: dt.date) -> tuple[str, int] | None:
    """Return the version of a site that a cell belongs to on a day."""
    if cell not in SITE_OF_CELL or (cell == "c1b" and day > dt.date(2030, 1, 1)):
        return None
    versions = [
        (first or dt.date.min, version)
        for id_, version, first, last, _, _ in SITES
        if id_ == SITE_OF_CELL[cell] and (first or dt.date.min) <= day <= (last or dt.date.max)
    ]
    return (SITE_OF_CELL[cell], max(versions)[1]) if versions else None


def meaningful_of_events(
    events: Iterable[Event],
    hours: Sequence[float],
    weekdays: Sequence[float],
    radius: float,
    boxes: Mapping[str, Box],
    label: str,
) -> dict[str, set[Point | None]]:
    """Follow the definitions from events to each subscriber's different clusters with a label."""
    times: dict[tuple[str, str, int], list[dt.datetime]] = defaultdict(list)
    for who, when, cell, _, _ in events:
        site = site_of(cell, when.date())
        if site:
            times[who, *site].append(when)
    days = [Days(*key, len({when.date() for when in seen})) for key, seen in times.items()]
    scores = [
        Score(
            *key,
            sum(hours[when.hour] for when in seen) / len(seen),
            sum(weekdays[when.weekday()] for when in seen) / len(seen),
        )
        for key, seen in times.items()
    ]
    return meaningful_locations(labelled_clusters(days, scores, radius, boxes), label)
