"""Shares of groups drawn towards each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import beta_binomial, beta_moments

# Tarone 1982: tumours among rats in 70 groups.
Y = [
    *([0] * 14), *([1] * 8), *([2] * 9), 1, 5, 2, 5, 3, 2, 7, 7, 3, 3, 2, 9, 10, *([4] * 7), 10,
    4, 4, 4, 5, 11, 12, 5, 5, 6, 5, 6, 6, 6, 6, 16, 15, 15, 9,
]  # fmt: skip
N = [
    20, 20, 20, 20, 20, 20, 20, 19, 19, 19, 19, 18, 18, 17, 20, 20, 20, 20, 19, 19, 18, 18, 25, 24,
    23, 20, 20, 20, 20, 20, 20, 10, 49, 19, 46, 27, 17, 49, 47, 20, 20, 13, 48, 50, 20, 20, 20, 20,
    20, 20, 20, 48, 19, 19, 19, 22, 46, 49, 20, 20, 23, 19, 22, 20, 20, 20, 52, 46, 47, 24,
]  # fmt: skip

groups = st.lists(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=3,
    max_size=10,
)


class TestByHand:
    def test_small_groups_go_further(self) -> None:
        """Of two groups with one share, the smaller is drawn further."""
        found = beta_binomial([9, 90, 50, 40], [10, 100, 100, 100])
        assert found.value[0] < found.value[1] < 0.9
        assert found.shrinkage[0] > found.shrinkage[1]

    def test_all_count(self) -> None:
        """Groups of which all count are believed to lie near one, and not at it."""
        found = beta_binomial([5, 8, 12], [5, 8, 12])
        assert (found.value > 0.8).all()
        assert (found.value < 1).all()
        assert (found.standard_error > 0).all()

    def test_a_group_without_answers(self) -> None:
        """It has no value, and the others are as without it."""
        found = beta_binomial([5, 0, 8, 12], [10, 0, 10, 20])
        assert np.isnan(found.value[1])
        alone = beta_binomial([5, 8, 12], [10, 10, 20])
        assert found.value[[0, 2, 3]].tolist() == alone.value.tolist()

    def test_too_little(self) -> None:
        """Two groups, shares without variance and counts above n are refused."""
        with pytest.raises(UsageError, match="Only 2 of 2 groups"):
            beta_binomial([1, 2], [3, 3])
        with pytest.raises(UsageError, match="no variance"):
            beta_moments([1, 1, 1], [3, 3, 3])
        with pytest.raises(UsageError, match="above n"):
            beta_binomial([4, 1, 1], [3, 3, 3])


class TestByLaw:
    @given(groups)
    def test_mirror(self, pairs: list[tuple[int, int]]) -> None:
        """Counting the others gives the other share."""
        x, n = np.array(pairs).T
        one, other = beta_binomial(x, n), beta_binomial(n - x, n)
        assert other.value == pytest.approx(1 - one.value, abs=1e-9)
        assert other.standard_error == pytest.approx(one.standard_error, abs=1e-9)

    @given(groups)
    def test_values_are_shares(self, pairs: list[tuple[int, int]]) -> None:
        """What is believed lies strictly between nought and one, with an error."""
        x, n = np.array(pairs).T
        found = beta_binomial(x, n)
        assert ((found.value > 0) & (found.value < 1)).all()
        assert ((found.shrinkage >= 0) & (found.shrinkage <= 1)).all()
        assert 0 < found.centre < 1


class TestByReference:
    def test_rats(self) -> None:
        """The posterior of the rats: BDA3 page 113 prints means 2.4 and 14.3 of the parameters."""
        found = beta_binomial(Y, N)
        assert found.centre == pytest.approx(2.4 / (2.4 + 14.3), abs=0.002)
        # The same page: the groups' true rates have this mean; page 5.3's figure spans 0.06 to 0.2.
        assert found.value.min() == pytest.approx(0.06, abs=0.01)
        assert found.value[-1] == pytest.approx(0.27, abs=0.03)

    def test_by_plain_summation(self) -> None:
        """A grid of brute force gives the same first share and error."""
        x, n = np.array([9.0, 18, 50, 30]), np.array([10.0, 20, 100, 50])
        from scipy.special import betaln  # noqa: PLC0415

        logit, log_size = np.meshgrid(np.linspace(-6, 6, 400), np.linspace(-3, 9, 400))
        mean, size = 1 / (1 + np.exp(-logit)), np.exp(log_size)
        a, b = mean * size, (1 - mean) * size
        height = np.log(a) + np.log(b) - 2.5 * np.log(a + b)
        for hits, total in zip(x, n, strict=True):
            height += betaln(a + hits, b + total - hits) - betaln(a, b)
        chance = np.exp(height - height.max())
        chance /= chance.sum()
        first = (a + 9) / (a + b + 10)
        found = beta_binomial(x, n)
        wanted = (chance * first).sum()
        assert found.value[0] == pytest.approx(wanted, abs=2e-3)
        second = first * (a + 10) / (a + b + 11)
        spread = np.sqrt((chance * second).sum() - wanted**2)
        assert found.standard_error[0] == pytest.approx(spread, rel=0.02)
