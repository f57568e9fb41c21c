"""Rates of answers, bounds for the missing, and chances to answer."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import (
    OUTCOMES,
    class_rates,
    logistic,
    mean_bounds,
    outcome_rate,
    overturning_mean,
    response_classes,
)

COUNTS = dict(zip(OUTCOMES, (400, 50, 150, 200, 20, 100, 80), strict=True))


class TestByHand:
    @pytest.mark.parametrize(
        ("kind", "answered", "eligible"),
        [
            ("RR1", 400, 920),
            ("RR2", 450, 920),
            ("RR3", 400, 820 + 100 * 820 / 900),
            ("RR4", 450, 820 + 100 * 820 / 900),
            ("RR5", 400, 820),
            ("RR6", 450, 820),
        ],
    )
    def test_the_six_rates(self, kind: str, answered: float, eligible: float) -> None:
        """Partial answers above the line, and the unknown below it, by definition."""
        found = outcome_rate(COUNTS, kind=kind)
        assert (found.answered, found.eligible) == (answered, pytest.approx(eligible))
        assert found.value == pytest.approx(answered / eligible)

    def test_bounds(self) -> None:
        """A quarter missing of a scale from 1 to 5."""
        assert mean_bounds(4.0, 0.75, (1.0, 5.0)) == pytest.approx((3.25, 4.25))

    def test_classes_join_where_too_few_answer(self) -> None:
        """A class without enough answers goes into the next, the last one into the one before."""
        chances = np.arange(10) / 10
        said = np.array([0, 0, 1, 1, 1, 1, 1, 1, 0, 0], bool)
        found = response_classes(chances, said, classes=5, least=2)
        assert found.tolist() == [0, 0, 0, 0, 1, 1, 2, 2, 2, 2]
        assert class_rates(found, said, np.ones(10))[[0, 4, 9]].tolist() == [0.5, 1.0, 0.5]


class TestByLaw:
    @given(st.floats(-100, 100), st.floats(0.01, 0.99), st.floats(-100, 100))
    def test_the_overturning_mean_overturns(
        self, limit: float, answered: float, against: float
    ) -> None:
        """With the missing at that mean, the limit of all lies at what it was held against."""
        silent = overturning_mean(limit, answered, against)
        assert answered * limit + (1 - answered) * silent == pytest.approx(against, abs=1e-9)

    @given(st.floats(0, 1), st.floats(0, 1))
    def test_bounds_hold_whatever_is_missing(self, value: float, answered: float) -> None:
        """The mean of all lies between, for any mean of the missing."""
        low, high = mean_bounds(value, answered, (0.0, 1.0))
        for missing in (0.0, 0.3, 1.0):
            assert low - 1e-12 <= answered * value + (1 - answered) * missing <= high + 1e-12
        assert high - low == pytest.approx(1 - answered, abs=1e-12)


class TestByReference:
    @given(st.integers(0, 10**6))
    def test_statsmodels(self, seed: int) -> None:
        """Coefficients and chances of a weighted logistic regression."""
        rng = np.random.default_rng(seed)
        x, w = rng.normal(size=(200, 2)), rng.uniform(0.5, 2.0, 200)
        y = rng.random(200) < 1 / (1 + np.exp(-(0.3 + x @ [1.0, -0.7])))
        fitted = sm.GLM(y, sm.add_constant(x), sm.families.Binomial(), freq_weights=w).fit()
        found = logistic(x, y, weights=w)
        assert found.is_converged
        assert found.coefficients == pytest.approx(fitted.params, abs=1e-5)
        assert found.probabilities == pytest.approx(fitted.fittedvalues, abs=1e-6)


def test_a_column_that_tells_all_does_not_run_away() -> None:
    """Where a column separates the answers, the search ends, and says that it found no end."""
    found = logistic([[0.0], [0.0], [1.0], [1.0]], [False, False, True, True])
    assert not found.is_converged
    assert found.probabilities.round(3).tolist() == [0.0, 0.0, 1.0, 1.0]


def test_a_column_twice_changes_nothing() -> None:
    """Columns that others make up leave the chances as they are."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(60, 1)), rng.random(60) < 0.5
    one, two = logistic(x, y), logistic(np.hstack([x, x]), y)
    assert two.probabilities == pytest.approx(one.probabilities, abs=1e-6)


def test_refusals() -> None:
    """Unknown words, impossible counts and shares, answers that are all the same."""
    with pytest.raises(UsageError, match="no outcome 'completed'"):
        outcome_rate({"completed": 3})
    with pytest.raises(UsageError, match="no rate 'RR7'"):
        outcome_rate(COUNTS, kind="RR7")
    with pytest.raises(UsageError, match="negative"):
        outcome_rate({"complete": -1})
    with pytest.raises(UsageError, match="outside 0 to 1"):
        outcome_rate(COUNTS, kind="RR3", eligible_share=1.5)
    with pytest.raises(UsageError, match=r"share of answers is 1\.2"):
        mean_bounds(0.5, 1.2, (0.0, 1.0))
    with pytest.raises(UsageError, match="lies outside"):
        mean_bounds(2.0, 0.5, (0.0, 1.0))
    with pytest.raises(UsageError, match="between 0 and 1"):
        overturning_mean(1.0, 1.0, 0.0)
    with pytest.raises(UsageError, match="All rows say the same"):
        logistic([[1.0], [2.0]], [True, True])
    with pytest.raises(UsageError, match="missing"):
        logistic([[np.nan], [2.0]], [True, False])
    with pytest.raises(UsageError, match="5 are needed"):
        response_classes([0.1, 0.2], [True, False])


def test_nobody_eligible_has_no_rate() -> None:
    """Nothing is divided by nothing."""
    assert np.isnan(outcome_rate({}).value)
