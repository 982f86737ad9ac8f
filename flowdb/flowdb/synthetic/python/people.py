"""Subscribers: who they are, where they live and work, whom they call."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from flowdb.synthetic.draws import Draws, Ints
from flowdb.synthetic.infrastructure import FIRST_TAC
from flowdb.synthetic.network import Network
from flowdb.synthetic.parameters import Parameters
from flowdb.synthetic.places import Finder
from flowdb.synthetic.settlements import CAPITAL, CENTRE, Settlements, points_of, settle

NEIGHBOURS = 4
_DAILY_COMMUTERS = 0.35
_WEEKLY_COMMUTERS = 0.30
_TO_CAPITAL = 0.4
_NEARBY_CONTACTS = 0.7
_NEARBY_REACH = 60
# How many events people start, in hundredths of the mean of half of them: 32 steps of a gamma distribution.
_ACTIVITY = np.array(
    [
        *(19, 34, 46, 56, 66, 75, 83, 92, 100, 109, 117, 126, 135, 144, 153, 163),
        *(173, 183, 194, 206, 218, 231, 245, 261, 278, 297, 319, 346, 378, 420, 482, 612),
    ]
)


@dataclass(frozen=True)
class People:
    """The subscribers, in the order of their msisdn.

    Attributes
    ----------
    msisdn, imsi
        Hashes as bytes of 64 hexadecimal digits.
    imei, tac
        Hash and model of each one's phones, those of one subscriber next to each other.
    home, work
        Site lived at and site worked at by day; the same for those who do not commute.
    lodging
        Site lived at from Monday to Friday; the home of those who do not work away.
    hub
        The site of the regional centre nearest the home.
    contacts
        The subscribers each one calls, usual ones first, shape (n, contacts).
    activity
        The running sum of the events each one starts, on a scale of its own.
    neighbours
        For each site the sites nearest to it, itself first.
    capital
        Sites of the capital.
    """

    msisdn: NDArray[np.bytes_]
    imsi: NDArray[np.bytes_]
    imei: NDArray[np.bytes_]
    tac: NDArray[np.int32]
    home: NDArray[np.int32]
    work: NDArray[np.int32]
    lodging: NDArray[np.int32]
    hub: NDArray[np.int32]
    contacts: NDArray[np.int32]
    activity: Ints
    neighbours: NDArray[np.int32]
    capital: NDArray[np.int32]


def populate(network: Network, regions: NDArray[np.object_], parameters: Parameters) -> People:
    """Make the subscribers of a country."""
    count, phones = parameters.subscribers, parameters.phones
    numbers = np.arange(count)
    # The towns are those around which the cells were placed: same regions, same seed.
    settlements = settle(regions, Draws("cells", parameters.cells_seed))
    draws = Draws("people", parameters.subscribers_seed)
    finder = Finder(network.points)
    # People are made in the order of their places, so that contacts can be neighbours; ids are hashes, so
    # at the end everything is shuffled into an order that knows nothing of places.
    living = np.sort(draws.weighted("settlement", numbers, np.cumsum(settlements.people)))

    def visited(where: Ints, name: str) -> Ints:
        return finder.nearest(points_of(settlements, regions, where, draws, name))[0][:, 0]

    home = visited(living, "home")
    centre = visited(_nearest_centres(settlements)[living], "centre")
    capital = int(np.flatnonzero(settlements.kind == CAPITAL)[0])
    in_capital = visited(np.full(count, capital), "capital")
    away = np.where(draws.chance("to capital", numbers, _TO_CAPITAL), in_capital, centre)
    work = np.where(draws.chance("commutes", numbers, _DAILY_COMMUTERS), centre, home)
    works_away = draws.chance("works away", numbers, _WEEKLY_COMMUTERS) & ~np.isin(
        settlements.kind[living], (CAPITAL, CENTRE)
    )
    shuffled = draws.order("shuffle", count)
    place = np.empty(count, dtype=np.int32)
    place[shuffled] = np.arange(count)
    activity = _ACTIVITY[draws.below("activity", numbers, len(_ACTIVITY))]
    tacs = draws.first("phone", numbers, parameters.tacs)[:, None] + np.arange(phones)
    return People(
        msisdn=np.sort(_hashes("msisdn", count, parameters.subscribers_seed)),
        imsi=_hashes("imsi", count, parameters.subscribers_seed),
        imei=_hashes("imei", count * phones, parameters.subscribers_seed),
        tac=_compact(FIRST_TAC + tacs.ravel() % parameters.tacs),
        home=_compact(home[shuffled]),
        work=_compact(np.where(works_away, away, work)[shuffled]),
        lodging=_compact(np.where(works_away, away, home)[shuffled]),
        hub=_compact(centre[shuffled]),
        contacts=place[_contacts(count, parameters.interactions, draws)][shuffled],
        activity=np.cumsum(np.full(count, 100) if parameters.equally_active else activity),
        neighbours=_neighbours(finder, network),
        capital=_compact(np.unique(in_capital)),
    )


def _compact(numbers: Ints) -> NDArray[np.int32]:
    return numbers.astype(np.int32)


def _hashes(kind: str, count: int, seed: int) -> NDArray[np.bytes_]:
    hashes = np.empty(count, dtype="S64")
    for number in range(count):
        hashes[number] = hashlib.sha256(f"{kind}:{seed}:{number}".encode()).hexdigest().encode()
    return hashes


def _neighbours(finder: Finder, network: Network) -> NDArray[np.int32]:
    """Return for each site the sites nearest to it, itself first, shape (sites, up to 4)."""
    nearest = finder.nearest(network.points, min(NEIGHBOURS, len(network.points)))[0]
    # Where several stand on one spot, the first of them was found.
    nearest[:, 0] = np.arange(len(nearest))
    return _compact(nearest)


def _nearest_centres(settlements: Settlements) -> Ints:
    """Return for each settlement the nearest regional centre or the capital."""
    centres = np.flatnonzero(np.isin(settlements.kind, (CAPITAL, CENTRE)))
    return centres[Finder(settlements.middle[centres]).nearest(settlements.middle)[0][:, 0]]


def _contacts(count: int, each: int, draws: Draws) -> Ints:
    """Return whom each person calls: mostly people who live close by, never themselves."""
    pairs = np.arange(count * each)
    own = pairs // each
    offset = 1 + draws.below("offset", pairs, min(_NEARBY_REACH, count) - 1)
    near = (own + np.where(draws.chance("side", pairs, 0.5), offset, -offset)) % count
    anyone = draws.below("anyone", pairs, count)
    chosen = np.where(draws.chance("near", pairs, _NEARBY_CONTACTS), near, anyone)
    return np.asarray(np.where(chosen == own, (own + 1) % count, chosen).reshape(count, each))
