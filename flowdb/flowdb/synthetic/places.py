"""Points on the ground, in whole numbers, and which places are nearest to them."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from flowdb.synthetic.draws import Ints

MICRO = 1_000_000
"""Points are longitudes and latitudes in millionths of a degree, shape (n, 2)."""

_MICRO_PER_10_KM = 89_928
# More places than are asked for, so that those equally far away are among them.
_SPARE = 3


def squeeze(latitude: int) -> int:
    """Return how long a degree of longitude is, in thousandths of one of latitude."""
    return max(1, round(1000 * math.cos(math.radians(latitude / MICRO))))


def metres(points: Ints, latitude: int) -> Ints:
    """Return points as metres on a plane, good enough within a country."""
    east = points[:, 0] * squeeze(latitude) // 1000
    return np.stack([east, points[:, 1]], axis=1) * 10_000 // _MICRO_PER_10_KM


def micro(length: int, latitude: int) -> tuple[int, int]:
    """Return a length in metres in millionths of a degree, eastwards and northwards."""
    north = length * _MICRO_PER_10_KM // 10_000
    return north * 1000 // squeeze(latitude), north


def mean_latitude(points: Ints) -> int:
    """Return the mean latitude of points."""
    return int(points[:, 1].sum()) // len(points)


def squared_distances(points: Ints, to: Ints) -> Ints:
    """Return the squared distance of each of the points on the plane from one other."""
    return np.asarray(((points - to) ** 2).sum(axis=1))


class Finder:
    """Finds the places nearest to a point; of those equally far away the first."""

    def __init__(self, places: Ints) -> None:
        self._latitude = mean_latitude(places)
        self._plane, self._number = np.unique(metres(places, self._latitude), axis=0, return_index=True)
        self._tree = KDTree(self._plane.astype(np.float64))

    def nearest(self, points: Ints, many: int = 1) -> tuple[Ints, Ints]:
        """Return the numbers of the nearest places and their squared distances in metres, shape (n, many).

        If there are fewer places, as many as there are.
        """
        plane = metres(points, self._latitude)
        asked = min(many + _SPARE, len(self._plane))
        found = self._tree.query(plane.astype(np.float64), k=asked)[1].reshape(len(points), asked)
        # Metres are whole numbers, so these distances are exact, and so is their order.
        squared = ((self._plane[found] - plane[:, None]) ** 2).sum(axis=2)
        order = np.lexsort((self._number[found], squared))[:, :many]
        numbers: NDArray[np.int64] = np.take_along_axis(self._number[found], order, axis=1)
        return numbers, np.take_along_axis(squared, order, axis=1)
