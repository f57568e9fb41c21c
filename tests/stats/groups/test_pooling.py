"""Groups drawn towards each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize
from scipy import stats as scipy_stats
from statsmodels.stats.meta_analysis import combine_effects

from cxm_core.errors import UsageError
from cxm_core.stats import (
    TAU_METHODS,
    bounded_limits,
    hierarchical,
    james_stein,
    random_effects,
    shrink,
)

SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
ERRORS = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])

numbers = st.floats(-50, 50)
groups = st.lists(st.tuples(numbers, st.floats(0.1, 30)), min_size=3, max_size=12)


class TestByHand:
    def test_one_group_that_is_known_for_certain(self) -> None:
        """Beside a group with nearly all the weight no spread can be told, and nothing breaks."""
        for method in TAU_METHODS:
            effects = random_effects([1.0, 2.0, 3.0], [1e-40, 1.0, 1.0], method=method)
            assert np.isfinite(effects.tau2)
            assert effects.tau2 >= 0.0

    def test_alike_groups_have_no_spread(self) -> None:
        """Groups of one value differ by nothing, and each is drawn all the way."""
        for method in TAU_METHODS:
            effects = random_effects([5.0] * 4, [2.0] * 4, method=method)
            assert (effects.tau2, effects.q) == (0.0, 0.0)
            assert shrink([5.0] * 4, [2.0] * 4, effects).shrinkage.tolist() == [1.0] * 4

    def test_equal_errors(self) -> None:
        """With one error for all, the spread is the variance of the values less that error."""
        y = [10.0, 20.0, 60.0]
        for method in TAU_METHODS:
            assert random_effects(y, [100.0] * 3, method=method).tau2 == pytest.approx(600.0)

    def test_a_group_without_a_value_stays_without(self) -> None:
        """It takes no part, and none is made up for it."""
        y, v = [1.0, np.nan, 5.0, 9.0], [1.0, 1.0, 1.0, 1.0]
        drawn = shrink(y, v, random_effects(y, v))
        assert np.isnan(drawn.value).tolist() == [False, True, False, False]
        assert np.isnan(hierarchical(y, v).value).tolist() == [False, True, False, False]
        assert hierarchical(y, v).centre == pytest.approx(hierarchical([1, 5, 9], [1] * 3).centre)

    def test_too_little_to_pool(self) -> None:
        """Two groups, a group without error and an unknown method are refused."""
        with pytest.raises(UsageError, match="Only 2 of 3 groups"):
            random_effects([1.0, 2.0, np.nan], 1.0)
        with pytest.raises(UsageError, match="1 groups have a variance"):
            hierarchical([1.0, 2.0, 3.0], [1.0, 0.0, 1.0])
        with pytest.raises(UsageError, match="did you mean 'reml'"):
            random_effects([1.0, 2.0, 3.0], 1.0, method="rml")
        with pytest.raises(UsageError, match="3 groups are too few"):
            james_stein([1.0, 2.0, 3.0], 1.0)

    def test_arrays_are_locked(self) -> None:
        """What is found cannot be written to."""
        with pytest.raises(ValueError, match="read-only"):
            hierarchical(SCHOOLS, ERRORS**2).value[0] = 1.0

    def test_limits_at_an_end(self) -> None:
        """A value at an end of its range, or with too much doubt, has limits within the range."""
        low, high = bounded_limits([1.0, 0.5, 0.5], [0.1, 0.9, 0.1], (0.0, 1.0))
        assert (low >= 0).all()
        assert (high <= 1).all()
        assert high[0] == 1.0


class TestByLaw:
    @given(groups)
    def test_drawn_values_lie_between(self, pairs: list[tuple[float, float]]) -> None:
        """A drawn value lies between the group's own and the centre, whichever the method."""
        y, v = np.array(pairs).T
        for method in TAU_METHODS:
            effects = random_effects(y, v, method=method)
            drawn = shrink(y, v, effects)
            low, high = np.minimum(y, effects.centre), np.maximum(y, effects.centre)
            assert (drawn.value >= low - 1e-9).all()
            assert (drawn.value <= high + 1e-9).all()

    @given(groups, st.floats(-100, 100), st.floats(0.1, 10))
    def test_units_do_not_matter(
        self, pairs: list[tuple[float, float]], shift: float, scale: float
    ) -> None:
        """Other units give the same values in those units."""
        y, v = np.array(pairs).T
        one, other = hierarchical(y, v), hierarchical(shift + scale * y, scale**2 * v)
        assert other.value == pytest.approx(shift + scale * one.value, abs=1e-6)
        assert other.standard_error == pytest.approx(scale * one.standard_error, rel=1e-6)

    @given(groups)
    def test_order_does_not_matter(self, pairs: list[tuple[float, float]]) -> None:
        """Groups in another order have the same values."""
        y, v = np.array(pairs).T
        assert hierarchical(y[::-1], v[::-1]).value[::-1] == pytest.approx(
            hierarchical(y, v).value, abs=1e-9
        )

    @given(groups)
    def test_doubt_about_the_spread_is_counted(self, pairs: list[tuple[float, float]]) -> None:
        """No drawn value is surer than the group's own, nor sure beyond what the mixture allows."""
        y, v = np.array(pairs).T
        found = hierarchical(y, v)
        assert (found.standard_error > 0).all()
        assert (found.shrinkage >= 0).all()
        assert (found.shrinkage <= 1).all()

    @given(st.floats(0.01, 0.99), st.floats(0.001, 0.3))
    def test_limits_hold_the_value(self, mean: float, error: float) -> None:
        """The mean of a belief lies between its limits, within the range."""
        low, high = bounded_limits([mean], [error], (0.0, 1.0), confidence_level=0.99)
        assert 0 <= low[0] <= high[0] <= 1
        plain_low, plain_high = bounded_limits([mean], [error])
        assert plain_low[0] < mean < plain_high[0]


class TestByReference:
    @pytest.mark.parametrize(("method", "peer"), [("dl", "chi2"), ("pm", "iterated")])
    def test_statsmodels_agrees(self, method: str, peer: str) -> None:
        """Centre and spread are those of statsmodels."""
        rng = np.random.default_rng(4)
        y, v = rng.normal(30, 12, 20), rng.uniform(5, 80, 20)
        wanted = combine_effects(y, v, method_re=peer)
        found = random_effects(y, v, method=method)
        assert found.tau2 == pytest.approx(wanted.tau2, rel=1e-4)
        assert found.centre == pytest.approx(wanted.mean_effect_re, rel=1e-5)
        adjusted = random_effects(y, v, method=method, knapp_hartung=True)
        assert adjusted.standard_error == pytest.approx(wanted.sd_eff_w_re_hksj, rel=1e-4)

    @settings(max_examples=40)
    @given(st.integers(0, 10**6), st.sampled_from(["dl", "pm"]))
    def test_statsmodels_agrees_on_any_groups(self, seed: int, method: str) -> None:
        """The same for groups of any kind between which there is a spread."""
        rng = np.random.default_rng(seed)
        k = int(rng.integers(3, 15))
        y, v = rng.normal(30, 12, k), rng.uniform(5, 80, k)
        found = random_effects(y, v, method=method)
        # Without a spread statsmodels goes on below nought or divides by it; ours ends at nought.
        assume(found.tau2 > 1.0)
        peer = {"dl": "chi2", "pm": "iterated"}[method]
        wanted = combine_effects(y, v, method_re=peer)
        assert found.tau2 == pytest.approx(wanted.tau2, rel=1e-4)
        assert found.centre == pytest.approx(wanted.mean_effect_re, rel=1e-5)

    def test_reml_is_at_the_peak(self) -> None:
        """The spread by restricted likelihood is where a plain search finds its peak."""
        rng = np.random.default_rng(5)
        y, v = rng.normal(0, 3, 15), rng.uniform(1, 9, 15)

        def loss(tau2: float) -> float:
            w = 1 / (v + tau2)
            distance = (w * (y - (w * y).sum() / w.sum()) ** 2).sum()
            return float(distance - np.log(w).sum() + np.log(w.sum()))

        peak = optimize.minimize_scalar(loss, bounds=(0, 100), method="bounded").x
        assert random_effects(y, v).tau2 == pytest.approx(peak, rel=1e-4)

    def test_hierarchical_by_quadrature(self) -> None:
        """The first of eight schools agrees with adaptive integration over equation 5.21."""

        def density(tau: float) -> float:
            w = 1 / (ERRORS**2 + tau**2)
            centre = (w * SCHOOLS).sum() / w.sum()
            height = np.log(w).sum() - np.log(w.sum()) - (w * (SCHOOLS - centre) ** 2).sum()
            return float(np.exp(height / 2 + 30))

        def first(tau: float) -> float:
            w = 1 / (ERRORS**2 + tau**2)
            centre = (w * SCHOOLS).sum() / w.sum()
            kept = tau**2 * w[0]
            return density(tau) * float(kept * SCHOOLS[0] + (1 - kept) * centre)

        total = integrate.quad(density, 0, np.inf, limit=200)[0]
        wanted = integrate.quad(first, 0, np.inf, limit=200)[0] / total
        found = hierarchical(SCHOOLS, ERRORS**2)
        assert found.value[0] == pytest.approx(wanted, rel=1e-4)
        below = integrate.quad(density, 0, found.spread, limit=200)[0] / total
        assert below == pytest.approx(0.5, abs=0.01)

    def test_beta_limits(self) -> None:
        """Limits in a range are quantiles of the beta distribution with that mean and error."""
        prior = scipy_stats.beta(8, 2)
        low, high = bounded_limits([prior.mean()], [prior.std()], (0.0, 1.0))
        assert (low[0], high[0]) == pytest.approx(prior.interval(0.95))
