"""Chance that is the same everywhere: draws are whole numbers that depend on a seed and a number only.

A draw is the output of the SplitMix64 generator (Steele, Lea and Flood, 2014) at the place that a number
says, with a start made from the seed and the draw's name. So the hundredth event of a day can be drawn
without the ninety-nine before it, in blocks of any size and in any order. It needs nothing of a library or
a processor but arithmetic of whole numbers: the streams of other generators change with releases of their
libraries, and the functions that make bell curves of them with processors.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
BELL_UNIT = 1 << 16
"""One standard deviation of :meth:`Draws.bell`."""

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIXERS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_HEXADECIMAL = np.frombuffer(b"".join(b"%02x" % octet for octet in range(256)), dtype="S2")


class Draws:
    """Whole numbers drawn by chance; the same seed, name and number give the same draw."""

    def __init__(self, *seed: object) -> None:
        self._seed = ":".join(map(str, seed))

    def words(self, name: str, numbers: NDArray[np.integer]) -> Words:
        """Return a word of 64 random bits for each number."""
        digest = hashlib.sha256(f"{self._seed}:{name}".encode()).digest()
        word = np.atleast_1d(numbers).astype(np.uint64)
        word += np.uint64(1)
        word *= _STEP
        word += np.uint64(int.from_bytes(digest[:8]))
        for shift, factor in _MIXERS:
            word ^= word >> np.uint64(shift)
            word *= np.uint64(factor)
        word ^= word >> np.uint64(31)
        return word

    def below(self, name: str, numbers: NDArray[np.integer], limit: int | NDArray[np.integer]) -> Ints:
        """Return numbers from 0 up to, without, a limit, each as likely as the others."""
        return (self.words(name, numbers) % np.asarray(limit).astype(np.uint64)).astype(np.int64)

    def one(self, name: str, limit: int) -> int:
        """Return a single number below a limit."""
        return int(self.below(name, np.zeros(1, dtype=np.int64), limit)[0])

    def chance(self, name: str, numbers: NDArray[np.integer], share: float) -> NDArray[np.bool_]:
        """Return true for a share of the numbers."""
        return np.asarray(self.words(name, numbers) >> np.uint64(11) < np.uint64(int(share * 2**53)))

    def weighted(self, name: str, numbers: NDArray[np.integer], cumulative: NDArray[np.integer]) -> Ints:
        """Return indices, each as likely as its weight; `cumulative` holds the running sum of the weights."""
        drawn = self.below(name, numbers, int(cumulative[-1])).astype(cumulative.dtype)
        return np.searchsorted(cumulative, drawn, side="right")

    def first(self, name: str, numbers: NDArray[np.integer], limit: int) -> Ints:
        """Return numbers below a limit, small ones more likely: the limit times the square of a chance."""
        part = self.words(name, numbers) >> np.uint64(32)
        return ((part * part >> np.uint64(32)) * np.uint64(limit) >> np.uint64(32)).astype(np.int64)

    def bell(self, name: str, numbers: NDArray[np.integer]) -> Ints:
        """Return numbers on a bell curve around 0 with a deviation of 65536: the sum of twelve draws."""
        total = np.full(len(numbers), -6 * (BELL_UNIT - 1), dtype=np.int64)
        for part in range(3):
            octets = self.words(f"{name} {part}", numbers)
            for shift in range(0, 64, 16):
                total += (octets >> np.uint64(shift) & np.uint64(BELL_UNIT - 1)).astype(np.int64)
        return total

    def order(self, name: str, count: int) -> Ints:
        """Return the numbers below a count in an order of chance."""
        return np.argsort(self.words(name, np.arange(count)), kind="stable")

    def texts(self, name: str, numbers: NDArray[np.integer], words: int) -> NDArray[np.bytes_]:
        """Return a text of hexadecimal digits for each number, 16 digits a word."""
        drawn = np.stack([self.words(f"{name} {word}", numbers) for word in range(words)], axis=1)
        octets = drawn.astype(">u8").view(np.uint8)
        return np.ascontiguousarray(_HEXADECIMAL[octets]).view(f"S{16 * words}").ravel()


def divided(weights: Ints, total: int, least: int = 0) -> Ints:
    """Share out a total in proportion to weights, each getting at least `least` (largest remainders)."""
    spare = total - least * len(weights)
    whole, rest = np.divmod(spare * weights, weights.sum())
    whole[np.argsort(-rest, kind="stable")[: spare - int(whole.sum())]] += 1
    return np.asarray(whole + least)
