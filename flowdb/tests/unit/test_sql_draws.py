"""Seeds and distributions of the SQL generator."""

from datetime import date

import numpy as np
from scipy import stats

from flowdb.synthetic.rhythm import hour_weights
from flowdb.synthetic.sql.draws import hours, lognormal, poisson, seed


def test_seeds_depend_on_their_parts_only() -> None:
    assert seed(22222, date(2016, 1, 1), "calls") == seed("22222", "2016-01-01", "calls")
    assert len({seed(number, "calls") for number in range(1000)}) == 1000
    assert all(-(2**63) <= seed(number) < 2**63 for number in range(1000))


def test_poisson_draws_have_the_mean_and_the_variance() -> None:
    for mean in (0.3, 4.0, 1000.0):
        draws = np.array([poisson(mean, "test", number) for number in range(2000)])
        assert abs(draws.mean() - mean) < 4 * np.sqrt(mean / 2000)
        assert abs(draws.var() / mean - 1) < 0.2
        positions = (np.array([seed("test", number) % 2**64 for number in range(2000)]) + 0.5) / 2**64
        assert (draws == stats.poisson.ppf(positions, mean)).all()
    assert poisson(0, "test") == 0


def test_quantiles_follow_the_distribution() -> None:
    values = np.array(lognormal(4.6, 1.1, 10_800))
    assert values.min() >= 1
    assert values.max() <= 10_800
    assert stats.kstest(np.log(values + 0.5), stats.norm(4.6, 1.1).cdf).statistic < 0.01


def test_hours_have_exactly_their_weights() -> None:
    for day in (date(2016, 1, 1), date(2016, 1, 2)):
        weights = np.array(hour_weights(day))
        counts = np.bincount(hours(day), minlength=24)
        assert np.allclose(counts / counts.sum(), weights / weights.sum(), rtol=1e-12)
