import hashlib

import numpy as np
import pytest

from flowdb.synthetic.draws import BELL_UNIT, Draws, divided

MANY = np.arange(100_000)


def split_mix(state: int) -> int:
    """Return an output of SplitMix64 from its definition, in plain Python."""
    mask = 2**64 - 1
    word = state & mask
    word = ((word ^ word >> 30) * 0xBF58476D1CE4E5B9) & mask
    word = ((word ^ word >> 27) * 0x94D049BB133111EB) & mask
    return word ^ word >> 31


def test_words_are_those_of_split_mix() -> None:
    # The outputs published with the generator for a state of 0 begin like this.
    assert split_mix(0x9E3779B97F4A7C15) == 0xE220A8397B1DCDAF
    words = Draws("seed", 1).words("name", np.array([0, 1, 7, 2**31]))
    start = int.from_bytes(hashlib.sha256(b"seed:1:name").digest()[:8])
    assert [int(word) for word in words] == [
        split_mix(start + (number + 1) * 0x9E3779B97F4A7C15) for number in (0, 1, 7, 2**31)
    ]


def test_numbers_below_a_limit_are_equally_likely() -> None:
    found = np.bincount(Draws(1).below("x", MANY, 10))
    assert len(found) == 10
    assert found == pytest.approx(10_000, rel=0.04)


def test_chances_and_weights_are_as_stated() -> None:
    draws = Draws(1)
    assert draws.chance("x", MANY, 0.3).mean() == pytest.approx(0.3, abs=0.01)
    assert not draws.chance("x", MANY, 0).any()
    assert draws.chance("x", MANY, 1).all()
    assert np.bincount(draws.weighted("x", MANY, np.cumsum([5, 0, 15]))) / 1000 == pytest.approx(
        [25, 0, 75], abs=1
    )
    assert (draws.first("x", MANY, 10) == 0).mean() == pytest.approx(0.1**0.5, abs=0.01)


def test_bells_are_bells() -> None:
    bell = Draws(1).bell("x", MANY) / BELL_UNIT
    assert bell.mean() == pytest.approx(0, abs=0.02)
    assert bell.std() == pytest.approx(1, abs=0.01)
    assert (abs(bell) < 1).mean() == pytest.approx(0.683, abs=0.01)


def test_names_and_neighbouring_numbers_are_independent() -> None:
    draws = Draws(1)
    one, other = (draws.words(name, MANY) / 2**64 for name in ("one", "other"))
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(0, abs=0.02)
    assert np.corrcoef(one[1:], one[:-1])[0, 1] == pytest.approx(0, abs=0.02)


def test_an_order_has_every_number_once_and_texts_are_unique() -> None:
    draws = Draws(1)
    assert (np.sort(draws.order("x", 1000)) == np.arange(1000)).all()
    texts = draws.texts("x", MANY, 2)
    assert len(np.unique(texts)) == len(MANY)
    assert all(len(text) == 32 and int(text, 16) >= 0 for text in texts[:100])


@pytest.mark.parametrize("case", range(50))
def test_a_total_is_divided_in_proportion(case: int) -> None:
    draws = Draws("divided", case)
    weights = draws.below("weight", np.arange(1 + draws.one("many", 30)), 1_000_000) + 1
    total, least = draws.one("total", 1_000_000) + 60, draws.one("least", 3)
    parts = divided(weights, total, least)
    assert parts.sum() == total
    exact = weights * (total - least * len(weights)) / weights.sum() + least
    assert (abs(parts - exact) < 1).all()
