"""Least squares with plain, robust and clustered errors."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import least_squares


class TestByHand:
    def test_a_line_through_three_points(self) -> None:
        """Slope and intercept that can be checked on paper."""
        found = least_squares([1.0, 3.0, 2.0], [0, 1, 2], errors="plain")
        assert found.coefficients.tolist() == pytest.approx([1.5, 0.5])
        assert found.standard_errors[1] == pytest.approx(np.sqrt(1.5 / 2))
        assert found.df == 1


class TestByLaw:
    @given(st.integers(0, 10_000))
    def test_rows_of_their_own_are_robust(self, seed: int) -> None:
        """A cluster for each row is the robust error, but for the freedom that is counted."""
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=30), rng.normal(size=30)
        robust, clustered = least_squares(y, x), least_squares(y, x, clusters=np.arange(30))
        assert clustered.covariance == pytest.approx(robust.covariance)
        assert (robust.df, clustered.df) == (28, 29)


class TestByReference:
    @given(st.sampled_from(["plain", "robust", "clustered"]), st.integers(0, 10**6))
    def test_statsmodels(self, kind: str, seed: int) -> None:
        """All three errors as statsmodels has them."""
        rng = np.random.default_rng(seed)
        group = np.repeat(np.arange(12), 5)
        x = rng.normal(size=(60, 2))
        y = x @ [1.0, -2.0] + rng.normal(size=12)[group] + rng.normal(size=60)
        model = sm.OLS(y, sm.add_constant(x))
        fitted = {
            "plain": model.fit,
            "robust": lambda: model.fit(cov_type="HC1"),
            "clustered": lambda: model.fit(cov_type="cluster", cov_kwds={"groups": group}),
        }[kind]()
        found = least_squares(y, x, clusters=group, errors=kind)  # type: ignore[arg-type]  # one of three
        assert found.coefficients == pytest.approx(fitted.params)
        assert found.standard_errors == pytest.approx(fitted.bse)


def test_refusals() -> None:
    """Lengths, missing numbers, columns that say the same, too few clusters."""
    with pytest.raises(UsageError, match="3 rows for 2 values"):
        least_squares([1.0, 2.0], [1, 2, 3])
    with pytest.raises(UsageError, match="missing"):
        least_squares([1.0, np.nan, 2.0], [1, 2, 3])
    with pytest.raises(UsageError, match="tell 3 columns apart"):
        least_squares([1.0, 2.0, 3.0, 4.0], [[1, 2], [2, 4], [3, 6], [4, 8]])
    with pytest.raises(UsageError, match="1 clusters"):
        least_squares([1.0, 2.0, 4.0], [1, 2, 3], clusters=[1, 1, 1])
    with pytest.raises(UsageError, match="need the cluster"):
        least_squares([1.0, 2.0, 4.0], [1, 2, 3], errors="clustered")
