"""Seeds, and numbers that follow a distribution, the same on every machine."""

import hashlib
import math
from datetime import date
from statistics import NormalDist

from scipy.special import pdtr, pdtrik

from flowdb.synthetic.rhythm import hour_weights

_QUANTILES = 1024


def seed(*parts: object) -> int:
    """Return the seed of a stream of draws, a signed number of 64 bits that depends on the parts only."""
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def poisson(mean: float, *parts: object) -> int:
    """Return a draw from a Poisson distribution: the least number whose cumulative probability is reached."""
    if mean == 0:
        return 0
    position = (seed(*parts) % 2**64 + 0.5) / 2**64
    number = max(0, math.ceil(pdtrik(position, mean)))
    # The inverse is not exact at whole numbers.
    return number - 1 if number > 0 and pdtr(number - 1, mean) >= position else number


def lognormal(mean_log: float, spread_log: float, most: int) -> list[int]:
    """Return the quantiles of a log-normal distribution as whole numbers from 1 to `most`.

    To pick one of them evenly is to draw from the distribution.
    """
    normal = NormalDist(mean_log, spread_log)
    logs = (normal.inv_cdf((number + 0.5) / _QUANTILES) for number in range(_QUANTILES))
    return [min(max(1, int(math.exp(log))), most) for log in logs]


def hours(day: date) -> list[int]:
    """Return hours of a day, each as often as its share of the events asks for."""
    return [hour for hour, weight in enumerate(hour_weights(day)) for _ in range(round(10 * weight))]
