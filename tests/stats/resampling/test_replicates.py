"""Replicate weights against the linearised error, and against what is known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import CodedAxis, Replicates, Tally, jackknife, linear_ratio, rake, rao_wu


def of_mean(drawn: Replicates, y: np.ndarray, base: np.ndarray) -> float:
    """Variance of a weighted mean by its replicates."""
    means = [np.average(y, weights=base * drawn.factors(r)) for r in range(len(drawn))]
    return float(drawn.variance(means, np.average(y, weights=base)))


class TestByHand:
    def test_jackknife_of_a_mean_is_the_usual_variance(self) -> None:
        """Without clusters JK1 gives the squared error of a mean, to the bit of a formula."""
        y = np.array([1.0, 2.0, 4.0, 9.0])
        found = of_mean(jackknife([1, 2, 3, 4]), y, np.ones(4))
        assert found == pytest.approx(y.var(ddof=1) / 4)

    def test_strata_are_left_alone(self) -> None:
        """Leaving out a cluster reweighs its own stratum only."""
        drawn = jackknife([1, 2, 3, 1, 2], strata=["a", "a", "a", "b", "b"])
        assert len(drawn) == 5
        assert drawn.factors(0).tolist() == [0.0, 1.5, 1.5, 1.0, 1.0]
        assert drawn.factors(4).tolist() == [1.0, 1.0, 1.0, 2.0, 0.0]
        assert drawn.scales.tolist() == pytest.approx([2 / 3] * 3 + [1 / 2] * 2)

    def test_a_lonely_cluster_stays(self) -> None:
        """A stratum of one cluster has no spread of its own, in either kind."""
        strata = ["a", "a", "b"]
        drawn = jackknife([1, 2, 3], strata=strata)
        assert len(drawn) == 2
        assert all(drawn.factors(r)[2] == 1.0 for r in range(2))
        again = rao_wu([1, 2, 3], strata=strata, n_resamples=20, rng=np.random.default_rng(1))
        assert all(again.factors(r)[2] == 1.0 for r in range(20))


class TestByLaw:
    @given(st.integers(0, 10_000))
    def test_jackknife_of_a_total_is_the_linearised_error(self, seed: int) -> None:
        """For a sum the replicates and the formula are one."""
        rng = np.random.default_rng(seed)
        y, cluster, stratum = rng.integers(0, 2, 40), np.arange(40) // 2, np.arange(40) % 4 // 2
        drawn = jackknife(cluster, strata=stratum)
        totals = [(y * drawn.factors(r)).sum() for r in range(len(drawn))]
        keys = stratum * 100 + cluster
        spread = 0.0
        for place in np.unique(stratum):
            sums = np.array([y[keys == k].sum() for k in np.unique(keys[stratum == place])])
            spread += len(sums) * sums.var(ddof=1)
        assert drawn.variance(totals, y.sum()) == pytest.approx(spread)

    @given(st.integers(0, 10_000))
    def test_rao_wu_keeps_the_size_of_each_stratum(self, seed: int) -> None:
        """The factors of a stratum's clusters add up to how many there are."""
        rng = np.random.default_rng(seed)
        drawn = rao_wu(np.arange(12), strata=np.arange(12) % 3, n_resamples=5, rng=rng)
        for r in range(5):
            factors = drawn.factors(r)
            assert [factors[np.arange(12) % 3 == s].sum() for s in range(3)] == pytest.approx(
                [4.0] * 3
            )


class TestByReference:
    def test_both_agree_with_taylor(self) -> None:
        """Weighted share of a clustered sample: within a few percent of the linearised error."""
        rng = np.random.default_rng(20261122)
        cluster = np.repeat(np.arange(120), 3)
        y = (rng.random(360) < rng.random(120)[cluster]).astype(int)
        base = np.repeat(rng.uniform(0.5, 2.0, 120), 3)
        axis = CodedAxis.of("@c", cluster, role="cluster")
        tally = Tally.from_codes(levels=(0, 1), level_codes=y, axes=[axis], weights=base)
        taylor = linear_ratio(tally, (0, 1), (1, 1)).standard_error[0]
        assert of_mean(jackknife(cluster), y, base) ** 0.5 == pytest.approx(taylor, rel=0.02)
        resampled = rao_wu(cluster, n_resamples=2000, rng=rng)
        assert of_mean(resampled, y, base) ** 0.5 == pytest.approx(taylor, rel=0.06)

    def test_raking_anew_agrees_with_residuals(self) -> None:
        """Weights raked again in every replicate have the error that residuals tell."""
        rng = np.random.default_rng(7)
        margin = rng.integers(0, 3, 150)
        y = (rng.random(150) < np.array([0.2, 0.5, 0.9])[margin]).astype(int)
        totals = [[60.0, 50.0, 40.0]]
        fitted = rake([margin], totals).weights
        axis = CodedAxis.of("@m", margin, role="margin")
        tally = Tally.from_codes(levels=(0, 1), level_codes=y, axes=[axis], weights=fitted)
        wanted = linear_ratio(tally, (0, 1), (1, 1)).standard_error[0]
        drawn = jackknife(np.arange(150))
        values = []
        for r in range(len(drawn)):
            kept = drawn.factors(r) > 0
            again = rake([margin[kept]], totals, weights=drawn.factors(r)[kept]).weights
            values.append(np.average(y[kept], weights=again))
        found = drawn.variance(values, np.average(y, weights=fitted)) ** 0.5
        assert found == pytest.approx(wanted, rel=0.03)


def test_refusals() -> None:
    """Lengths that differ, no replicates, and clusters that are all alone."""
    rng = np.random.default_rng(1)
    with pytest.raises(UsageError, match="strata for 2 rows"):
        jackknife([1, 2], strata=[1])
    with pytest.raises(UsageError, match="alone"):
        jackknife([1, 1])
    with pytest.raises(UsageError, match="0 replicates"):
        rao_wu([1, 2], n_resamples=0, rng=rng)
    with pytest.raises(UsageError, match="for 2 replicates"):
        jackknife([1, 2]).variance([1.0], 1.0)
