"""Limits that hold at every look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import betaln

from cxm_core.errors import UsageError
from cxm_core.stats import (
    SEQUENCE_METHODS,
    asymptotic_sequence,
    bernoulli_sequence,
    betting_sequence,
    empirical_bernstein_sequence,
    hedged_sequence,
    score_interval,
)

GUARANTEED = ("betting", "empirical_bernstein", "hedged")
LEVELS = (-1.0, 0.0, 1.0)
COUNTS = hnp.arrays(np.int64, st.tuples(st.integers(1, 12), st.just(3)), elements=st.integers(0, 9))


def ends(limits: Any) -> np.ndarray:
    """Both limits as one table."""
    return np.stack(limits)


class TestByHand:
    @pytest.mark.parametrize("method", GUARANTEED)
    def test_nothing_seen(self, method: str) -> None:
        """Before the first row, the mean may be anywhere."""
        found = SEQUENCE_METHODS[method]([[0, 0, 0]], LEVELS)
        assert ends(found)[:, 0].tolist() == pytest.approx([-1.0, 1.0], abs=2e-3)

    def test_all_at_the_top(self) -> None:
        """Thirty rows at the top: the lower limit lies below, the upper one at the end."""
        for method in GUARANTEED:
            low, high = SEQUENCE_METHODS[method]([[0, 0, 30]], LEVELS)
            assert float(high[0]) == 1.0
            assert 0.0 < float(low[0]) < 0.95

    def test_all_in_on_heads(self) -> None:
        """Against a share of a half, all heads double the stake of all in: 2 to the power n."""
        n = 12
        grown = np.log(np.mean([(1 + f) ** n for f in 2.0 ** -(np.arange(20) / 2)]))
        level = 1 - 2 * np.exp(-grown)
        low, _ = betting_sequence([[0, n]], [0, 1], confidence_level=level)
        assert float(low[0]) == pytest.approx(0.5, abs=1e-9)

    def test_asymptotic_waits(self) -> None:
        """There are no limits before the first look that is allowed."""
        low, _ = asymptotic_sequence([[250, 249], [0, 1]], [0, 1])
        assert np.isnan(low).tolist() == [True, False]

    def test_what_is_refused(self) -> None:
        """Counts that do not fit, a scale of one value, a share of three values."""
        with pytest.raises(UsageError, match="3 levels do not fit 2 values"):
            betting_sequence([[1, 2, 3]], [0, 1])
        with pytest.raises(UsageError, match="one value"):
            betting_sequence([[1, 2]], [1, 1])
        with pytest.raises(UsageError, match="3 distinct values are no share"):
            bernoulli_sequence([[1, 2, 3]], LEVELS)
        with pytest.raises(UsageError, match="confidence level"):
            betting_sequence([[1, 2]], [0, 1], confidence_level=95)


class TestByLaw:
    @given(COUNTS)
    def test_limits_are_in_order_and_on_the_scale(self, counts: np.ndarray) -> None:
        """Limits hold the mean, and lie on the scale."""
        total = counts.cumsum(axis=0)
        n = total.sum(axis=1)
        mean = np.divide(total @ LEVELS, n, where=n > 0, out=np.zeros(len(n)))
        for method in ("betting", "hedged"):
            low, high = SEQUENCE_METHODS[method](counts, LEVELS)
            assert ((low >= -1) & (high <= 1)).all()
            assert ((low <= mean + 1e-9) & (mean <= high + 1e-9)).all()

    @given(COUNTS)
    def test_mirror(self, counts: np.ndarray) -> None:
        """With the scale turned round, limits change sides and sign."""
        for method in GUARANTEED:
            low, high = SEQUENCE_METHODS[method](counts, LEVELS)
            turned = SEQUENCE_METHODS[method](counts[:, ::-1], LEVELS)
            assert np.allclose(low, -turned.high, atol=1e-9)
            assert np.allclose(high, -turned.low, atol=1e-9)

    @given(COUNTS)
    def test_bets_do_not_know_the_order(self, counts: np.ndarray) -> None:
        """Limits of mixtures depend on what was counted so far, not on when."""
        low, high = betting_sequence(counts, LEVELS)
        once = betting_sequence(counts.sum(axis=0), LEVELS)
        assert (float(low[-1]), float(high[-1])) == pytest.approx(
            (float(once.low[0]), float(once.high[0])), abs=1e-9
        )

    @given(COUNTS, st.floats(-5, 5), st.floats(0.1, 10))
    def test_units_do_not_matter(self, counts: np.ndarray, shift: float, factor: float) -> None:
        """Moved and stretched levels give moved and stretched limits."""
        found = ends(empirical_bernstein_sequence(counts, LEVELS))
        moved = ends(
            empirical_bernstein_sequence(counts, [shift + factor * level for level in LEVELS])
        )
        assert np.allclose(moved, shift + factor * found, atol=1e-6)

    @given(COUNTS)
    def test_wider_than_one_look(self, counts: np.ndarray) -> None:
        """A sequence for all looks is wider than the score interval of the last one."""
        minus, _, plus = counts.sum(axis=0)
        n = counts.sum()
        if n > 20:
            one = score_interval(plus, minus, n)
            many = betting_sequence(counts.sum(axis=0), LEVELS)
            assert float(many.high[0] - many.low[0]) >= 0.95 * float(one.high - one.low)

    @pytest.mark.parametrize("mix", [(0.2, 0.35, 0.45), (0.01, 0.09, 0.9)])
    def test_no_more_than_one_in_twenty_ever_misses(self, mix: tuple[float, ...]) -> None:
        """Of 40 quarters with daily looks; the full size is in calibration."""
        rng = np.random.default_rng(3)
        truth = mix[2] - mix[0]
        for method in ("betting", "empirical_bernstein"):
            misses = 0
            for _ in range(40):
                low, high = SEQUENCE_METHODS[method](rng.multinomial(3, mix, size=90), LEVELS)
                misses += bool(((truth < low) | (truth > high)).any())
            assert misses / 40 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 40)


class TestByReference:
    def test_rows_and_looks_agree_for_one_row_a_look(self) -> None:
        """The hedged bets, row by row as in the paper, in plain Python."""
        rows = [1, 0, 1, 1, 0, 1, 1, 1, 0, 1] * 3
        grid = np.linspace(0, 1, 101)[1:-1]
        up = np.zeros(grid.size)
        mean, spread, before = 0.5, 0.25, 0.25
        for t, row in enumerate(rows, 1):
            stake = np.sqrt(2 * np.log(2 / 0.05) / (t * np.log(t + 1) * before))
            up += np.log1p(np.minimum(stake, 0.5 / grid) * (row - grid))
            mean = (0.5 + sum(rows[:t])) / (t + 1)
            spread += (row - mean) ** 2
            before = spread / (t + 1)
        wanted = grid[up > np.log(2 / 0.05)].max()
        counts = [[1 - row, row] for row in rows]
        low, _ = hedged_sequence(counts, [0, 1], breaks=100)
        assert float(low[-1]) == pytest.approx(wanted, abs=1e-9)

    def test_bernoulli_solves_its_equation(self) -> None:
        """At both limits, the beta-binomial mixture is twenty times as likely as the share."""
        low, high = bernoulli_sequence([[30, 70]], [0, 1])
        nats = -2 * np.log(0.05)
        r = 100 / (nats + np.log1p(nats)) - 1
        for share in (float(low[0]), float(high[0])):
            mixture = betaln(r * share + 70, r * (1 - share) + 30)
            ratio = mixture - betaln(r * share, r * (1 - share))
            ratio -= 70 * np.log(share) + 30 * np.log1p(-share)
            assert ratio == pytest.approx(np.log(20), abs=1e-8)

    def test_empirical_bernstein_row_by_row(self) -> None:
        """Theorem 2 of Waudby-Smith and Ramdas, row by row in plain Python."""
        rows = [1.0, 0.5, 1.0, 1.0, 0.0, 1.0, 0.5, 1.0] * 10
        mean, before, seen, squares = 0.5, 0.25, 0.5, 0.25
        staked = centre = paid = 0.0
        for t, row in enumerate(rows, 1):
            stake = min(0.5, np.sqrt(2 * np.log(2 / 0.05) / (t * np.log(t + 1) * before)))
            staked += stake
            centre += stake * row
            paid += 4 * (row - mean) ** 2 * (-np.log(1 - stake) - stake) / 4
            seen += row
            mean = seen / (t + 1)
            squares += (row - mean) ** 2
            before = squares / (t + 1)
        half = (np.log(2 / 0.05) + paid) / staked
        counts = [[row == value for value in (0.0, 0.5, 1.0)] for row in rows]
        low, high = empirical_bernstein_sequence(np.array(counts, dtype=np.int64), (0, 0.5, 1))
        assert float(low[-1]) == pytest.approx(centre / staked - half, abs=1e-12)
        assert float(high[-1]) == pytest.approx(min(centre / staked + half, 1.0), abs=1e-12)

    def test_asymptotic_is_the_published_formula(self) -> None:
        """Waudby-Smith et al. 2024, theorem 2.2, with their best rho for 1,000 rows."""
        n, share, nats = 800, 0.25, -2 * np.log(0.05)
        rho2 = (nats + np.log(nats + 1)) / 1_000
        inner = n * rho2 + 1
        half = np.sqrt(share * (1 - share)) * np.sqrt(
            2 * inner / (n**2 * rho2) * np.log(np.sqrt(inner) / 0.05)
        )
        low, high = asymptotic_sequence([[600, 200]], [0, 1])
        assert (float(low[0]), float(high[0])) == pytest.approx((share - half, share + half))

    def test_betting_is_the_mixture(self) -> None:
        """At the lower limit, the mean of twenty constant bets has made forty of one."""
        low, _ = betting_sequence([[20, 30, 50]], LEVELS)
        trial = (float(low[0]) + 1) / 2
        stakes = 2.0 ** -(np.arange(20) / 2)
        grown = np.ones(20)
        for count, value in zip((20, 30, 50), (0.0, 0.5, 1.0), strict=True):
            grown *= (1 + stakes / trial * (value - trial)) ** count
        assert grown.mean() == pytest.approx(40.0, rel=1e-6)
