"""Bootstrap and permutation from counts."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import scipy.stats as st_scipy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import abc_interval, bootstrap, permutation_test

VALUES = np.arange(1.0, 6.0)
COUNTS = st.lists(st.integers(0, 40), min_size=5, max_size=5)
# So few rows that all their relabellings can be listed.
FEW = st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0]), min_size=2, max_size=5)


def mean(shares: np.ndarray) -> np.ndarray:
    """Mean of a scale of five levels."""
    return shares @ VALUES


def spread(shares: np.ndarray) -> np.ndarray:
    """Standard deviation of the same."""
    return np.sqrt(np.maximum(shares @ VALUES**2 - mean(shares) ** 2, 0.0))


class TestByHand:
    def test_two_rows(self) -> None:
        """Of a 1 and a 5, a quarter of all resamples is 1, a half 3, a quarter 5."""
        low, high = bootstrap([1, 0, 0, 0, 1], mean, method="percentile", rng=1)
        assert (float(low), float(high)) == (1.0, 5.0)
        low, high = bootstrap(
            [1, 0, 0, 0, 1], mean, method="percentile", confidence_level=0.4, rng=1
        )
        assert (float(low), float(high)) == (3.0, 3.0)

    def test_all_alike(self) -> None:
        """Where all rows agree, nothing varies; METRIC-03."""
        for found in (bootstrap([0, 0, 0, 0, 9], mean), abc_interval([0, 0, 0, 0, 9], mean)):
            assert [float(end) for end in found] == [5.0, 5.0]

    def test_too_few_rows(self) -> None:
        """None and one row have no limits; METRIC-01 and METRIC-02."""
        for counts in ([0] * 5, [0, 1, 0, 0, 0]):
            assert np.isnan(bootstrap(counts, mean)).all()
            assert np.isnan(abc_interval(counts, mean)).all()

    def test_relabelling_four_rows(self) -> None:
        """Two ones against two fives: of six ways to choose two rows, two are as far out."""
        found = permutation_test([2, 0, 0, 0, 0], [0, 0, 0, 0, 2], mean, rng=3)
        assert found.difference == 4.0
        assert found.p_value == pytest.approx(2 / 6, abs=0.02)
        one_sided = permutation_test(
            [2, 0, 0, 0, 0], [0, 0, 0, 0, 2], mean, alternative="greater", rng=3
        )
        assert one_sided.p_value == pytest.approx(1 / 6, abs=0.02)

    def test_what_is_refused(self) -> None:
        """Negative or broken counts, unknown words, empty samples, no resamples."""
        with pytest.raises(UsageError, match="1 counts are below zero"):
            bootstrap([1, -1], mean)
        with pytest.raises(UsageError, match="whole numbers"):
            bootstrap([1.5, 1], mean)
        with pytest.raises(UsageError, match="no bootstrap 'bac'") as error:
            bootstrap([1, 1], mean, method="bac")  # type: ignore[arg-type]  # what is refused
        assert "bca" in str(error.value)
        with pytest.raises(UsageError, match="0 resamples"):
            bootstrap([1, 1], mean, n_resamples=0)
        with pytest.raises(UsageError, match="0 and 2 rows"):
            permutation_test([0, 0], [1, 1], mean)
        with pytest.raises(UsageError, match="no alternative"):
            permutation_test([1], [1], mean, alternative="up")  # type: ignore[arg-type]  # what is refused


class TestByLaw:
    @given(st.lists(st.integers(1, 5), min_size=2, max_size=60), st.randoms())
    def test_order_and_partition_do_not_matter(self, rows: list[int], random: object) -> None:
        """The same seed gives the same limits however rows were split or ordered; METRIC-12."""
        whole = np.bincount(rows, minlength=6)[1:]
        random.shuffle(rows)  # type: ignore[attr-defined]  # Hypothesis gives a Random
        cut = len(rows) // 3
        parts = [np.bincount(part, minlength=6)[1:] for part in (rows[:cut], rows[cut:])]
        assert bootstrap(sum(parts), mean, n_resamples=50, rng=5) == bootstrap(
            whole, mean, n_resamples=50, rng=5
        )

    @given(COUNTS, st.integers(0, 2**32))
    def test_within_the_scale(self, counts: list[int], seed: int) -> None:
        """Limits are numbers that the statistic can take, in order."""
        low, high = bootstrap(counts, mean, n_resamples=200, rng=seed)
        if sum(counts) > 1:
            assert 1.0 <= low <= high <= 5.0

    @given(COUNTS)
    def test_a_wider_level_is_wider(self, counts: list[int]) -> None:
        """The limits at 99 % hold those at 80 %, by either method."""
        if sum(counts) > 1:
            for method in ("percentile", "bca"):
                wide, narrow = (
                    bootstrap(
                        counts, mean, method=method, n_resamples=200, confidence_level=p, rng=1
                    )
                    for p in (0.99, 0.8)
                )
                assert wide.low <= narrow.low
                assert narrow.high <= wide.high

    def test_many_groups(self) -> None:
        """Groups are drawn one after the other, the empty ones not at all."""
        table = np.array([[[4, 3, 2, 1, 0], [0] * 5], [[0, 1, 2, 3, 4], [9, 9, 9, 9, 9]]])
        low, _ = bootstrap(table, mean, n_resamples=100, rng=1)
        assert low.shape == (2, 2)
        assert np.isnan(low).tolist() == [[False, True], [False, False]]
        alone, _ = bootstrap(table[0, 0], mean, n_resamples=100, rng=1)
        assert float(low[0, 0]) == float(alone)


class TestByReference:
    @pytest.mark.parametrize("statistic", [mean, spread])
    @pytest.mark.parametrize("method", ["percentile", "BCa"])
    def test_scipy(self, statistic: object, method: str) -> None:
        """SciPy's bootstrap of the rows gives the same limits, but for chance."""
        counts = np.array([3, 2, 6, 20, 29])
        rows = np.repeat(VALUES, counts)

        def of_rows(x: np.ndarray, axis: int) -> np.ndarray:
            return x.mean(axis=axis) if statistic is mean else x.std(axis=axis)

        wanted = st_scipy.bootstrap(
            (rows,), of_rows, n_resamples=4_000, method=method, rng=np.random.default_rng(1)
        )
        found = bootstrap(counts, statistic, method=method.lower(), n_resamples=40_000, rng=2)  # type: ignore[arg-type]  # one of both
        error = float(wanted.standard_error)
        assert float(found.low) == pytest.approx(wanted.confidence_interval.low, abs=0.15 * error)
        assert float(found.high) == pytest.approx(wanted.confidence_interval.high, abs=0.15 * error)

    @settings(max_examples=15)
    @given(COUNTS)
    def test_scipy_of_any_counts(self, counts: list[int]) -> None:
        """The limits of BCa are those of SciPy for whatever was answered, but for chance."""
        assume(sum(counts) > 9 and np.count_nonzero(counts) > 1)
        wanted = st_scipy.bootstrap(
            (np.repeat(VALUES, counts),), np.mean,
            n_resamples=2_000, method="BCa", rng=np.random.default_rng(1),
        )  # fmt: skip
        found = bootstrap(counts, mean, method="bca", n_resamples=40_000, rng=2)
        # The mean of n answers moves by steps, and a limit may fall on either side of one.
        step = float(np.ptp(VALUES[np.array(counts) > 0])) / sum(counts)
        near = 0.25 * float(wanted.standard_error) + step
        assert float(found.low) == pytest.approx(wanted.confidence_interval.low, abs=near)
        assert float(found.high) == pytest.approx(wanted.confidence_interval.high, abs=near)

    @settings(max_examples=20)
    @given(FEW, FEW, st.sampled_from(["greater", "less"]))
    def test_scipy_permutations(self, a: list[float], b: list[float], side: str) -> None:
        """SciPy's list of all relabellings has the p-value, but for the chance of the draws."""
        # On two sides SciPy doubles the rarer one, and ours counts gaps as large either way.
        wanted = st_scipy.permutation_test(
            (a, b), lambda x, y: np.mean(y) - np.mean(x), n_resamples=np.inf, alternative=side
        ).pvalue
        counts = ([rows.count(value) for value in VALUES] for rows in (a, b))
        found = permutation_test(*counts, mean, n_resamples=20_000, alternative=side, rng=5)  # type: ignore[arg-type]  # one of both
        assert found.p_value == pytest.approx(wanted, abs=4 * np.sqrt(0.25 / 20_000))

    def test_abc_is_near_bca(self) -> None:
        """ABC is what BCa approaches as draws grow, for a smooth statistic."""
        counts = [3, 2, 6, 20, 29]
        drawn = bootstrap(counts, spread, n_resamples=200_000, rng=1)
        found = abc_interval(counts, spread)
        assert float(found.low) == pytest.approx(float(drawn.low), abs=0.02)
        assert float(found.high) == pytest.approx(float(drawn.high), abs=0.02)

    def test_all_relabellings(self) -> None:
        """Against the complete list of relabellings of twelve rows."""
        first, second = np.array([3, 2, 1, 0, 0]), np.array([0, 1, 1, 2, 2])
        rows = np.repeat(VALUES, first + second)
        means = [rows[list(chosen)].mean() for chosen in combinations(range(12), 6)]
        gaps = np.abs([(rows.sum() - 6 * m) / 6 - m for m in means])
        found = permutation_test(first, second, mean, n_resamples=40_000, rng=4)
        wanted = float((gaps >= abs(found.difference) - 1e-9).mean())
        assert found.p_value == pytest.approx(wanted, abs=4 * np.sqrt(wanted / 40_000))
