"""Tests of pairs of yes and no."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar

from cxm_core.errors import UsageError
from cxm_core.stats import mcnemar

COUNT = st.integers(0, 200)


class TestByHand:
    def test_nobody_changed(self) -> None:
        """Without a change there is nothing to explain."""
        assert mcnemar([0, 5], [0, 5]).tolist() == [1.0, 1.0]

    def test_five_to_nothing(self) -> None:
        """Five one way and none the other: twice 1/32 in full, half of that by mid-P."""
        assert float(mcnemar(5, 0, method="exact")) == 2 / 32
        assert float(mcnemar(5, 0)) == 1 / 32

    def test_refusals(self) -> None:
        """A negative number and an unknown method are refused."""
        with pytest.raises(UsageError, match="negative"):
            mcnemar(-1, 3)
        with pytest.raises(UsageError, match="no method"):
            mcnemar(1, 3, method="midp")  # type: ignore[arg-type]  # that is the point


class TestByLaw:
    @given(COUNT, COUNT)
    def test_either_way(self, gained: int, lost: int) -> None:
        """Gains and losses change places without changing the test; mid-P is the bolder one."""
        one, two = (float(mcnemar(*pair)) for pair in ((gained, lost), (lost, gained)))
        assert one == two
        assert 0 < one <= float(mcnemar(gained, lost, method="exact")) <= 1


class TestByReference:
    @given(COUNT, COUNT)
    def test_statsmodels_exact(self, gained: int, lost: int) -> None:
        """The exact test is that of statsmodels."""
        wanted = statsmodels_mcnemar([[0, gained], [lost, 0]], exact=True).pvalue
        if gained + lost:
            found = float(mcnemar(gained, lost, method="exact"))
            assert found == pytest.approx(min(float(wanted), 1.0), rel=1e-9)

    def test_binomial(self) -> None:
        """By mid-P: twice the tail, less the point itself."""
        for lost in range(1, 30):
            law = scipy_stats.binom(30, 0.5)
            wanted = 2 * law.cdf(min(lost, 30 - lost)) - law.pmf(lost)
            assert float(mcnemar(30 - lost, lost)) == pytest.approx(
                1.0 if lost == 15 else wanted, rel=1e-9
            )

    def test_many_at_once(self) -> None:
        """Arrays are tested pair by pair."""
        found = mcnemar([6, 16, 3], [16, 6, 3])
        np.testing.assert_allclose(found, [0.0346897, 0.0346897, 1.0], atol=1e-6)
