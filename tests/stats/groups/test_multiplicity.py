"""Many tests at once."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.multitest import multipletests

from cxm_core.errors import UsageError
from cxm_core.stats import P_METHODS, adjust_p, max_t_level, p_of_limits, sidak_level, t_interval

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12)
methods = st.sampled_from(sorted(P_METHODS))
PEERS = {"holm": "holm", "bonferroni": "bonferroni", "bh": "fdr_bh", "by": "fdr_by"}


class TestByHand:
    def test_holm(self) -> None:
        """The smallest pays for all tests, the next for one fewer, and none is below the last."""
        assert adjust_p([0.01, 0.04, 0.03]).tolist() == pytest.approx([0.03, 0.06, 0.06])

    def test_no_test_is_no_part_of_the_family(self) -> None:
        """A group without a p-value has none after it, and does not make others pay."""
        adjusted = adjust_p([0.02, np.nan, 0.5], method="bonferroni")
        assert adjusted.tolist()[::2] == [0.04, 1.0]
        assert np.isnan(adjusted[1])

    def test_nothing_to_adjust(self) -> None:
        """No test gives no p-value, and one test pays nothing."""
        assert adjust_p([]).tolist() == []
        assert all(adjust_p([0.2], method=method).tolist() == [0.2] for method in P_METHODS)

    def test_wrong_input_is_refused(self) -> None:
        """A p-value outside 0 to 1 or an unknown method is an error with a cure."""
        with pytest.raises(UsageError, match="1 of 2 p-values"):
            adjust_p([0.5, 1.5])
        with pytest.raises(UsageError, match="did you mean 'holm'"):
            adjust_p([0.5], method="holms")

    def test_level_for_many(self) -> None:
        """The product of the levels of independent intervals is the level of them all."""
        assert sidak_level(7) ** 7 == pytest.approx(0.95)
        assert sidak_level(0) == 0.95

    def test_two_groups_are_one_difference(self) -> None:
        """With two groups nothing is paid, since both differences are the same one."""
        level = max_t_level([3.0, 1.0], [0.2, 0.8], rng=np.random.default_rng(1))
        assert level == pytest.approx(0.95, abs=0.004)

    def test_groups_without_an_error_are_left_out(self) -> None:
        """One known group has no rest to lean on."""
        level = max_t_level([np.nan, 1.0], [0.5, 0.5], rng=np.random.default_rng(1))
        assert level == 0.95


class TestByLaw:
    @given(p_values, methods)
    def test_adjusting_raises_and_keeps_the_order(self, p: list[float], method: str) -> None:
        """No p-value falls, none exceeds one, and the smaller stays the smaller."""
        adjusted = adjust_p(p, method=method)
        assert (adjusted >= np.array(p) - 1e-12).all()
        assert adjusted.max() <= 1
        order = np.argsort(p, kind="stable")
        assert (np.diff(adjusted[order]) >= -1e-12).all()

    @given(p_values, methods, st.randoms())
    def test_order_does_not_matter(self, p: list[float], method: str, random: object) -> None:
        """Shuffled p-values have the same adjusted ones."""
        at = list(range(len(p)))
        random.shuffle(at)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
        shuffled = adjust_p([p[i] for i in at], method=method)
        assert shuffled.tolist() == adjust_p(p, method=method)[at].tolist()

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
    def test_hommel_is_closed_testing_with_simes(self, p: list[float]) -> None:
        """An adjusted p-value is the largest Simes p-value over all sets that hold the test."""
        values = np.array(p)
        wanted = np.zeros(len(p))
        for size in range(1, len(p) + 1):
            for chosen in combinations(range(len(p)), size):
                part = np.sort(values[list(chosen)])
                simes = (size * part / np.arange(1, size + 1)).min()
                wanted[list(chosen)] = np.maximum(wanted[list(chosen)], min(simes, 1))
        assert adjust_p(p, method="hommel").tolist() == pytest.approx(wanted.tolist())

    @given(st.integers(2, 8), st.floats(0.6, 0.99))
    def test_level_of_each_lies_between(self, groups: int, level: float) -> None:
        """Simultaneous intervals are wider than single ones, and no wider than Sidak's."""
        found = max_t_level(
            np.ones(groups),
            np.full(groups, 1 / groups),
            rng=np.random.default_rng(2),
            confidence_level=level,
            n_resamples=500,
        )
        assert level <= found <= sidak_level(groups, confidence_level=level)

    @given(st.floats(-6, 6), st.floats(0.1, 5))
    def test_p_agrees_with_the_interval(self, value: float, error: float) -> None:
        """A p-value lies below one in twenty where the interval at 0.95 leaves nought out."""

        def at(level: float) -> tuple[np.ndarray, np.ndarray]:
            low, high = t_interval([value], [error], 9, confidence_level=level)
            return low, high

        p = p_of_limits([value], at, levels=[0.5, 0.8, 0.95, 0.99])[0]
        low, high = at(0.95)
        assert bool(p < 0.05) == bool(low[0] > 0 or high[0] < 0)
        assert 0 <= p <= 1


class TestByReference:
    @given(p_values, st.sampled_from(sorted(PEERS)))
    def test_statsmodels_agrees(self, p: list[float], method: str) -> None:
        """Holm, Bonferroni and both false discovery rates are those of statsmodels."""
        wanted = multipletests(p, method=PEERS[method])[1]
        assert adjust_p(p, method=method).tolist() == pytest.approx(wanted.tolist())

    def test_balanced_analysis_of_means(self) -> None:
        """Nelson's critical point for three means and endless degrees of freedom is 2.34."""
        level = max_t_level(
            np.ones(3), np.full(3, 1 / 3), rng=np.random.default_rng(3), n_resamples=200_000
        )
        assert scipy_stats.norm.ppf((1 + level) / 2) == pytest.approx(2.34, abs=0.01)

    def test_normal_p(self) -> None:
        """For a normal estimate the p-value is the textbook one, near the grid's levels or not."""
        z = np.array([0.0, 0.5, 1.0, 1.645, 1.96, 2.5, 3.0, 5.0])
        levels = [0.5, 0.8, 0.9, 0.95, 0.99, 0.999]
        p = p_of_limits(
            z, lambda level: t_interval(z, 1.0, np.inf, confidence_level=level), levels=levels
        )
        assert p.tolist() == pytest.approx((2 * scipy_stats.norm.sf(z)).tolist(), rel=1e-9)
