"""Confidence sequences for weighted rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import (
    WEIGHTED_SEQUENCES,
    asymptotic_sequence,
    betting_sequence,
    detect_change,
    weighted_asymptotic_sequence,
    weighted_betting_sequence,
)

LEVELS = (-1.0, 0.0, 1.0)
COUNTS = st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=1, max_size=4).map(
    np.array
)
SHARES = st.lists(st.floats(0.01, 1.0), min_size=3, max_size=3)
few = settings(max_examples=40)


class TestByHand:
    @pytest.mark.parametrize("method", WEIGHTED_SEQUENCES.values(), ids=WEIGHTED_SEQUENCES)
    def test_rows_of_no_weight(self, method: object) -> None:
        """They say nothing: the whole range, or no limits at all."""
        low, high = method([[3, 4, 5]], LEVELS, [0.0, 0.0, 0.0])  # type: ignore[operator]  # one of both
        assert (low[0], high[0]) == (-1.0, 1.0) or np.isnan([low[0], high[0]]).all()

    def test_two_rows(self) -> None:
        """A row of weight a half and one of weight one: the mixture of the bets is worth forty."""
        counts, values, weights = (3, 5), (0.0, 1.0), (0.5, 1.0)
        low, _ = weighted_betting_sequence([counts], values, weights)
        stakes = 2.0 ** -(np.arange(20) / 2)
        grown = np.ones(20)
        for count, value, weight in zip(counts, values, weights, strict=True):
            grown *= (1 + weight * stakes * (value / float(low[0]) - 1)) ** count
        assert grown.mean() == pytest.approx(40.0, rel=1e-6)

    def test_asymptotic_waits_for_effective_rows(self) -> None:
        """Nine hundred rows of one weight are enough, and of two weights too few."""
        counts = [[90, 810]]
        even = weighted_asymptotic_sequence(counts, (0, 1), (0.5, 0.5))
        odd = weighted_asymptotic_sequence(counts, (0, 1), (1.0, 0.01), start=600)
        assert np.isfinite(even.low[0])
        assert np.isnan(odd.low[0])

    @pytest.mark.parametrize("weights", [(1.0, 2.0), (-0.1, 1.0), (np.nan, 1.0), (1.0,)])
    def test_what_is_refused(self, weights: tuple[float, ...]) -> None:
        """A weight above the greatest, below nought, missing, or none for a level."""
        with pytest.raises(UsageError, match="not all between 0 and 1"):
            weighted_betting_sequence([[1, 2]], (0, 1), weights)


class TestByLaw:
    @few
    @given(COUNTS)
    def test_weights_of_one(self, counts: np.ndarray) -> None:
        """Limits and evidence are those without weights."""
        ones = np.ones(3)
        found = weighted_betting_sequence(counts, LEVELS, ones)
        assert np.abs(np.array(found) - betting_sequence(counts, LEVELS)).max() <= 1e-9
        plain, weighted = (
            detect_change(counts, LEVELS, known=(0.1, 0.2), weights=w) for w in (None, ones)
        )
        assert plain.evidence == pytest.approx(weighted.evidence, rel=1e-12)
        late = weighted_asymptotic_sequence(counts, LEVELS, ones, start=20)
        wanted = asymptotic_sequence(counts, LEVELS, start=20, best_at=40)
        np.testing.assert_allclose(np.array(late), np.array(wanted), atol=1e-9)

    @few
    @given(COUNTS, SHARES)
    def test_the_weighted_mean_lies_between(self, counts: np.ndarray, shares: list[float]) -> None:
        """At every look, whatever the weights."""
        low, high = weighted_betting_sequence(counts, LEVELS, shares)
        table = counts.cumsum(axis=0) * shares
        total = table.sum(axis=1)
        mean = np.divide(table @ LEVELS, total, where=total > 0, out=np.zeros(len(total)))
        assert (low <= mean + 1e-9).all()
        assert (mean <= high + 1e-9).all()

    @few
    @given(COUNTS, SHARES)
    def test_mirror(self, counts: np.ndarray, shares: list[float]) -> None:
        """The scale upside down turns the limits round."""
        low, high = weighted_betting_sequence(counts, LEVELS, shares)
        other = weighted_betting_sequence(counts[:, ::-1], LEVELS, shares[::-1])
        assert other.low == pytest.approx(-high, abs=1e-9)
        assert other.high == pytest.approx(-low, abs=1e-9)

    @few
    @given(COUNTS, SHARES, st.integers(0, 30))
    def test_cells_may_share_a_value(
        self, counts: np.ndarray, shares: list[float], part: int
    ) -> None:
        """Rows of one value and weight in two columns count as in one."""
        split = np.minimum(counts[:, :1], part)
        table = np.hstack([counts[:, :1] - split, counts[:, 1:], split])
        one = weighted_betting_sequence(counts, LEVELS, shares)
        two = weighted_betting_sequence(table, (*LEVELS, LEVELS[0]), [*shares, shares[0]])
        assert np.array(one) == pytest.approx(np.array(two), abs=1e-12)

    @few
    @given(COUNTS, st.floats(0.1, 0.9))
    def test_a_greater_limit_of_weights_is_wider(self, counts: np.ndarray, share: float) -> None:
        """Rows far below the greatest weight are bet on with less."""
        counts = counts + 20
        full = weighted_betting_sequence(counts, LEVELS, np.ones(3))
        less = weighted_betting_sequence(counts, LEVELS, np.full(3, share))
        assert (less.high - less.low >= 0.98 * (full.high - full.low)).all()


class TestByReference:
    @pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0), (1.0, 0.5, 0.25)])
    def test_no_more_than_one_in_twenty_ever_misses(self, weights: tuple[float, ...]) -> None:
        """Of 60 quarters with daily looks and weights that go with the answers."""
        rng, mix = np.random.default_rng(3), np.array([0.2, 0.35, 0.45])
        truth = (mix * weights) @ LEVELS / (mix @ weights)
        misses = 0
        for _ in range(60):
            counts = rng.multinomial(3, mix, size=90)
            low, high = weighted_betting_sequence(counts, LEVELS, weights)
            misses += bool(((truth < low) | (truth > high)).any())
        assert misses / 60 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)

    def test_asymptotic_is_the_published_formula(self) -> None:
        """Waudby-Smith et al. 2024, theorem 2.2, on the linearised weighted mean."""
        counts, weights = np.array([600, 400]), np.array([0.5, 1.0])
        total = counts @ weights
        mean = 400 / total
        n = total**2 / (counts @ weights**2)
        gaps = counts @ (weights**2 * (np.array([0.0, 1.0]) - mean) ** 2)
        nats = -2 * np.log(0.05)
        rho2 = (nats + np.log(nats + 1)) / 1_000
        inner = n * rho2 + 1
        bound = np.sqrt(2 * inner / (n**2 * rho2) * np.log(np.sqrt(inner) / 0.05))
        half = np.sqrt(gaps / total**2 * n) * bound
        low, high = weighted_asymptotic_sequence([counts], (0, 1), weights)
        assert (float(low[0]), float(high[0])) == pytest.approx((mean - half, mean + half))
