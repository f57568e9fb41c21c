"""How many answers it takes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.power import NormalIndPower, TTestIndPower

from cxm_core.errors import UsageError
from cxm_core.stats import (
    arcsine_effect,
    n_for_arcsine,
    n_for_difference,
    n_for_equivalence,
    n_for_half_width,
    n_for_means,
    t_power,
    wilson,
)

effects = st.floats(0.05, 2.0)
powers = st.floats(0.3, 0.99)


class TestByHand:
    def test_the_textbook_number(self) -> None:
        """Half a standard deviation takes 63 on each side, at power 0.8 and level 0.05."""
        assert np.ceil(n_for_difference(0.5, (1.0, 1.0))) == 63

    def test_impossible_plans_are_refused(self) -> None:
        """No difference, no room within the margin, and a power outside 0 to 1."""
        with pytest.raises(UsageError, match="difference of zero"):
            n_for_difference(0.0, (1.0, 1.0))
        with pytest.raises(UsageError, match="no room"):
            n_for_equivalence(1.0, (1.0, 1.0), difference=-1.0)
        with pytest.raises(UsageError, match="power is 80"):
            n_for_difference(1.0, (1.0, 1.0), power=80)
        with pytest.raises(UsageError, match="answers would be needed"):
            n_for_half_width(0.0, lambda n: wilson(0.5 * n, n), guess=10)


class TestByLaw:
    @given(effects, powers)
    def test_more_power_takes_more(self, effect: float, power: float) -> None:
        """More power, a smaller difference and a smaller margin never take fewer answers."""
        one = (1.0, 1.0)
        assert n_for_difference(effect, one, power=power) <= n_for_difference(
            effect, one, power=power + 0.005
        )
        assert n_for_means(effect, 1.0, power=power) <= n_for_means(effect / 1.1, 1.0, power=power)
        assert n_for_equivalence(effect, one, power=power) <= n_for_equivalence(
            effect / 1.1, one, power=power
        )

    @given(st.floats(0.05, 1.0), st.floats(0.5, 0.95))
    def test_the_number_has_the_power(self, effect: float, power: float) -> None:
        """What is planned has the power that was asked for."""
        n = n_for_means(effect, 1.0, power=power)
        assert t_power(n, effect, 1.0) == pytest.approx(power, abs=1e-5)

    @given(st.floats(0.02, 0.2), st.floats(0.2, 0.8))
    def test_the_interval_has_the_width(self, half: float, share: float) -> None:
        """An interval from the planned answers is as wide as was asked."""
        n = n_for_half_width(half, lambda n: wilson(share * n, n), guess=50)
        low, high = wilson(share * n, n)
        assert (high - low) / 2 == pytest.approx(half, rel=1e-6)


class TestByReference:
    @given(st.floats(0.05, 1.0))
    def test_statsmodels_agrees_on_t(self, effect: float) -> None:
        """Power of Student's t is that of statsmodels, but for its other tail."""
        wanted = TTestIndPower().power(effect, 40, 0.05)
        other = scipy_stats.nct.cdf(scipy_stats.t.ppf(0.025, 78), 78, effect * np.sqrt(20))
        assert t_power(40, effect, 1.0) == pytest.approx(wanted - other, abs=1e-7)

    @given(st.floats(0.1, 0.9), st.floats(0.1, 0.9))
    def test_statsmodels_agrees_on_the_arcsine(self, first: float, second: float) -> None:
        """Answers by the arcsine scale are those of statsmodels."""
        if abs(first - second) < 0.05:
            return
        effect = abs(arcsine_effect(first, second))
        wanted = NormalIndPower().solve_power(effect, alpha=0.05, power=0.8, alternative="larger")
        ours = n_for_arcsine(first, second, confidence_level=0.9)
        assert ours == pytest.approx(wanted, rel=1e-4)

    def test_equivalence_by_hand(self) -> None:
        """Without a true difference each tail takes half of what power leaves."""
        z = scipy_stats.norm.ppf(0.95) + scipy_stats.norm.ppf(0.9)
        assert n_for_equivalence(0.5, (1.0, 1.0)) == pytest.approx(2 * (z / 0.5) ** 2, rel=1e-6)
