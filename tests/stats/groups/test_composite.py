"""Several ratios on one scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import RatioRows, composite


def rows(rng: np.random.Generator, n: int = 400, groups: int = 4) -> RatioRows:
    """Shares of four groups, of eighty units."""
    group = rng.integers(0, groups, n)
    return RatioRows(rng.random(n) < 0.2 + 0.1 * group, np.ones(n), group, rng.integers(0, 80, n))


class TestByHand:
    def test_one_ratio(self) -> None:
        """Two groups lie one half of their distance over its spread from the middle."""
        given_rows = RatioRows([1, 0, 1, 1], [1, 1, 1, 1], np.array([0, 0, 1, 1]), np.arange(4))
        found = composite([given_rows], 2)
        assert found.parts.tolist() == [[0.5, 1.0]]
        assert found.value == pytest.approx([-np.sqrt(0.5), np.sqrt(0.5)])
        # Residuals of a half and minus a half, over two rows and the spread of 0.3536.
        assert found.standard_error[0] == pytest.approx(0.5 / np.sqrt(0.125))

    def test_same_everywhere(self) -> None:
        """A ratio that is the same in all groups tells nothing, however its mean was rounded."""
        for n in (2, 3_000):
            group = np.arange(n) % 2
            ratio = RatioRows(np.full(n, np.log1p(60)), np.ones(n), group, np.arange(n))
            assert composite([ratio], 2).value == pytest.approx([0.0, 0.0])

    def test_a_group_without_a_ratio(self) -> None:
        """It counts with the ratios that it has; without any it has no value."""
        one = RatioRows([1, 0], [1, 1], np.array([0, 1]), np.array([0, 1]))
        two = RatioRows([3.0, 1.0], [1, 1], np.array([0, 1]), np.array([0, 1]))
        found = composite([one, two], 3)
        assert np.isnan(found.value[2])
        assert found.value[0] == pytest.approx(np.sqrt(0.5))

    def test_too_little(self) -> None:
        """Without a ratio, or with one group, there is nothing to put on a scale."""
        ratio = RatioRows([1], [1], np.array([0]), np.array([0]))
        for ratios, groups in (([], 3), ([ratio], 1)):
            with pytest.raises(UsageError):
                composite(ratios, groups)


class TestByLaw:
    @given(st.integers(0, 2**32 - 1), st.floats(0.1, 50))
    def test_units_of_measure_do_not_matter(self, seed: int, factor: float) -> None:
        """Seconds or minutes: the composite and its error are the same."""
        rng = np.random.default_rng(seed)
        one, two = rows(rng), rows(rng)
        scaled = two._replace(above=factor * np.asarray(two.above, float))
        plain, other = composite([one, two], 4), composite([one, scaled], 4)
        assert other.value == pytest.approx(plain.value)
        assert other.standard_error == pytest.approx(plain.standard_error)

    @given(st.integers(0, 2**32 - 1))
    def test_the_same_twice(self, seed: int) -> None:
        """A ratio that is given twice weighs no more, and its error grows no smaller."""
        ratio = rows(np.random.default_rng(seed))
        once, twice = composite([ratio], 4), composite([ratio, ratio], 4)
        assert twice.value == pytest.approx(once.value)
        assert twice.standard_error == pytest.approx(once.standard_error)


class TestByReference:
    def test_error_covers(self) -> None:
        """Drawing the units anew spreads the composite as its error says."""
        rng = np.random.default_rng(5)
        whole = rows(rng, n=3_000)
        found = composite([whole], 4)
        drawn = []
        for _ in range(200):
            picked = rng.integers(0, 80, 80)
            at = np.concatenate([np.flatnonzero(whole.unit == unit) for unit in picked])
            part = RatioRows(*(np.asarray(column)[at] for column in whole))
            shares = composite([part], 4).parts[0]
            drawn.append((shares - found.centre[0]) / found.spread[0])
        assert np.std(drawn, axis=0) == pytest.approx(found.standard_error, rel=0.2)
