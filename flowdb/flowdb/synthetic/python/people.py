"""Subscribers: who they are, where they live and work, whom they call."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from flowdb.geography.divide import Floats, Ints
from flowdb.synthetic.infrastructure import FIRST_TAC
from flowdb.synthetic.network import Network
from flowdb.synthetic.parameters import Parameters
from flowdb.synthetic.settlements import CAPITAL, CENTRE, Settlements, flat, points_of, settle

NEIGHBOURS = 4
_DAILY_COMMUTERS = 0.35
_WEEKLY_COMMUTERS = 0.30
_TO_CAPITAL = 0.4
_NEARBY_CONTACTS = 0.7
_NEARBY_REACH = 60


@dataclass(frozen=True)
class People:
    """The subscribers, in the order of their msisdn.

    Attributes
    ----------
    msisdn, imei, imsi
        Hashes as bytes of 64 hexadecimal digits.
    tac
        The model of each one's phone.
    home, work
        Site lived at and site worked at by day; the same for those who do not commute.
    lodging
        Site lived at from Monday to Friday; the home of those who do not work away.
    hub
        The site of the regional centre nearest the home.
    contacts
        The subscribers each one calls, usual ones first, shape (n, contacts).
    activity
        The cumulative share of all events each one starts.
    neighbours
        For each site the sites nearest to it, itself first.
    capital
        Sites of the capital.
    """

    msisdn: NDArray[np.bytes_]
    imei: NDArray[np.bytes_]
    imsi: NDArray[np.bytes_]
    tac: Ints
    home: Ints
    work: Ints
    lodging: Ints
    hub: Ints
    contacts: Ints
    activity: Floats
    neighbours: Ints
    capital: Ints


class SiteFinder:
    """Finds the sites nearest to a point."""

    def __init__(self, network: Network) -> None:
        self._points = network.points
        self._latitude = float(network.points[:, 1].mean())
        self._tree = KDTree(flat(network.points, self._latitude))

    def nearest(self, points: Floats) -> Ints:
        """Return the site nearest to each point."""
        return np.asarray(self._tree.query(flat(points, self._latitude))[1], dtype=np.int64)

    def neighbours(self) -> Ints:
        """Return for each site the sites nearest to it, itself first, shape (sites, up to 4)."""
        many = min(NEIGHBOURS, len(self._points))
        nearest = self._tree.query(flat(self._points, self._latitude), k=many)[1]
        return np.asarray(nearest, dtype=np.int64).reshape(len(self._points), many)


def populate(network: Network, regions: NDArray[np.object_], parameters: Parameters) -> People:
    """Make the subscribers of a country."""
    count = parameters.subscribers
    # The towns are those around which the cells were placed: same regions, same seed.
    settlements = settle(regions, np.random.default_rng(parameters.cells_seed))
    rng = np.random.default_rng(parameters.subscribers_seed)
    finder = SiteFinder(network)
    living = np.sort(rng.choice(len(settlements.people), size=count, p=settlements.people))
    numbers = np.bincount(living, minlength=len(settlements.people))
    home = finder.nearest(points_of(settlements, regions, numbers, rng))
    # People are made in the order of their places, so that contacts can be neighbours; ids are hashes, so
    # at the end everything is shuffled into an order that knows nothing of places.
    contacts = _contacts(count, parameters.interactions, rng)
    centre_of = _nearest_centres(settlements)[living]
    centre = _visited(settlements, regions, finder, centre_of, rng)
    capital = int(np.flatnonzero(settlements.kind == CAPITAL)[0])
    in_capital = _visited(settlements, regions, finder, np.full(count, capital), rng)
    away = np.where(rng.random(count) < _TO_CAPITAL, in_capital, centre)
    work = np.where(rng.random(count) < _DAILY_COMMUTERS, centre, home)
    works_away = (rng.random(count) < _WEEKLY_COMMUTERS) & ~np.isin(
        settlements.kind[living], (CAPITAL, CENTRE)
    )
    shuffled = rng.permutation(count)
    place = np.empty(count, dtype=np.int64)
    place[shuffled] = np.arange(count)
    activity = np.cumsum(rng.gamma(2.0, 1.0, count))
    return People(
        msisdn=np.sort(_hashes("msisdn", parameters)),
        imei=_hashes("imei", parameters),
        imsi=_hashes("imsi", parameters),
        tac=FIRST_TAC + (parameters.tacs * rng.random(count) ** 2).astype(np.int64),
        home=home[shuffled],
        work=np.where(works_away, away, work)[shuffled],
        lodging=np.where(works_away, away, home)[shuffled],
        hub=centre[shuffled],
        contacts=place[contacts][shuffled],
        activity=activity / activity[-1],
        neighbours=finder.neighbours(),
        capital=np.unique(in_capital),
    )


def _hashes(kind: str, parameters: Parameters) -> NDArray[np.bytes_]:
    seed = parameters.subscribers_seed
    made = (hashlib.sha256(f"{kind}:{seed}:{n}".encode()).hexdigest() for n in range(parameters.subscribers))
    return np.array([text.encode() for text in made])


def _nearest_centres(settlements: Settlements) -> Ints:
    """Return for each settlement the nearest regional centre or the capital."""
    centres = np.flatnonzero(np.isin(settlements.kind, (CAPITAL, CENTRE)))
    return centres[KDTree(settlements.middle[centres]).query(settlements.middle)[1]]


def _visited(
    settlements: Settlements,
    regions: NDArray[np.object_],
    finder: SiteFinder,
    wanted: Ints,
    rng: np.random.Generator,
) -> Ints:
    """Return for each person a site in the settlement wanted."""
    numbers = np.bincount(wanted, minlength=len(settlements.people))
    sites = finder.nearest(points_of(settlements, regions, numbers, rng))
    result = np.empty(len(wanted), dtype=np.int64)
    result[np.argsort(wanted, kind="stable")] = sites
    return result


def _contacts(count: int, each: int, rng: np.random.Generator) -> Ints:
    """Return whom each person calls: mostly people who live close by, never themselves."""
    own = np.arange(count)[:, None]
    offset = rng.integers(1, min(_NEARBY_REACH, count), size=(count, each), endpoint=False)
    near = (own + offset * rng.choice((-1, 1), size=offset.shape)) % count
    anyone = rng.integers(0, count, size=(count, each))
    chosen = np.where(rng.random((count, each)) < _NEARBY_CONTACTS, near, anyone)
    return np.asarray(np.where(chosen == own, (own + 1) % count, chosen))
