"""Aalen and Johansen's share that has ended in one way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import DurationTally, cumulative_incidence, kaplan_meier
from duration_rows import Rows, rows

TIMES, ENDS = [5, 8, 8, 12, 15, 15, 20, 22, 30, 30], [1, 1, 0, 1, 1, 2, 1, 0, 2, 1]
ENTRY = [0, 2, 4, 0, 6, 10, 0, 9, 12, 3]


def by_rows(data: Rows, weights: np.ndarray, times: np.ndarray, cause: int) -> np.ndarray:
    """The share that ended in one way, as its definition says."""
    share, ended, found = 1.0, 0.0, []
    for time in times:
        is_watched = ((data.entry < time) | (data.entry <= 0)) & (data.durations >= time)
        below = weights[is_watched].sum()
        is_now = is_watched & (data.durations == time)
        ended += share * weights[is_now & (data.ends == cause)].sum() / below
        share *= 1.0 - weights[is_now & (data.ends > 0)].sum() / below
        found.append(ended)
    return np.array(found)


class TestByHand:
    def test_two_ways_to_end(self) -> None:
        """Of four, one ends one way at 1 and one the other at 2; half of the rest at 4."""
        tally = DurationTally.of([1, 2, 3, 4, 5], event_observed=[1, 2, 0, 1, 0])
        one, two = (cumulative_incidence(tally, cause=cause) for cause in (1, 2))
        assert one.value.tolist() == pytest.approx([0.2, 0.2, 0.2 + 0.6 / 2])
        assert two.value.tolist() == pytest.approx([0.0, 0.2, 0.2])
        assert two.events.tolist() == [0, 1, 0]

    def test_an_end_that_nobody_met(self) -> None:
        """An end that never came has a share of zero, which may yet be as much as chance allows."""
        curve = cumulative_incidence(DurationTally.of([1, 2, 3]), cause=7)
        assert curve.value.tolist() == [0, 0, 0]
        low, high = curve.limits()
        assert low.tolist() == [0, 0, 0]
        assert high[0] == pytest.approx(1 - 0.025 ** (1 / 3))

    def test_all_are_over(self) -> None:
        """When nobody is left, shares stay as they are; while anybody is, nothing is known."""
        over, still = (
            cumulative_incidence(DurationTally.of([1, 2, 3], event_observed=[1, 2, last]))
            for last in (2, 0)
        )
        assert over.at(100) == pytest.approx(1 / 3)
        assert np.isnan(still.at(100))

    def test_quantile_above_the_plateau(self) -> None:
        """Where fewer than half ever end so, there is no median."""
        tally = DurationTally.of([1, 2, 3, 4], event_observed=[1, 2, 2, 2])
        assert np.isnan(cumulative_incidence(tally).quantile(0.5).value)
        assert cumulative_incidence(tally).quantile(0.2).value == 1.0

    def test_code_of_no_end(self) -> None:
        """Zero is the code of what was not seen to end, so it has no share."""
        with pytest.raises(UsageError, match="must be 1 or more"):
            cumulative_incidence(DurationTally.of([1]), cause=0)


class TestByLaw:
    @given(rows(causes=3))
    def test_shares_add_up(self, data: Rows) -> None:
        """Shares of all ways to end, and of what has not ended, add up to one at each time."""
        tally = data.tally("entry", "weights")
        total = kaplan_meier(tally).value + sum(
            cumulative_incidence(tally, cause=cause).value for cause in (1, 2, 3)
        )
        np.testing.assert_allclose(total, 1.0, atol=1e-12)

    @given(rows(causes=1))
    def test_one_way_to_end(self, data: Rows) -> None:
        """With one way to end, the share and its limits mirror those of what has not ended."""
        tally = data.tally("cluster")
        one, two = kaplan_meier(tally), cumulative_incidence(tally)
        np.testing.assert_allclose(two.value, 1 - one.value, atol=1e-12)
        left = one.value > 1e-9
        np.testing.assert_allclose(two.variance[left], one.variance[left], atol=1e-12)
        if left.all():
            np.testing.assert_allclose(two.limits().low, 1 - one.limits().high, atol=1e-9)

    @given(rows(least=6), st.sampled_from([1, 2]))
    def test_value_and_variance_by_definition(self, data: Rows, cause: int) -> None:
        """The share is its defining sum, and its variance the square of its derivatives."""
        curve = cumulative_incidence(data.tally("entry", "cluster", "weights"), cause=cause)
        wanted = by_rows(data, data.weights, curve.times, cause)
        np.testing.assert_allclose(curve.value, wanted, atol=1e-12)
        variance = np.zeros(curve.times.size)
        for code in np.unique(data.cluster):
            step = 1e-5 * data.weights * (data.cluster == code)
            sides = [by_rows(data, data.weights + d, curve.times, cause) for d in (step, -step)]
            variance += ((sides[0] - sides[1]) / 2e-5) ** 2
        np.testing.assert_allclose(curve.variance, variance, atol=1e-7)

    @given(rows())
    def test_below_the_curve_of_one_end_alone(self, data: Rows) -> None:
        """Other ends stand in the way: the share never exceeds that with them taken as unseen."""
        tally = data.tally()
        curve = cumulative_incidence(tally, cause=2)
        alone = 1 - kaplan_meier(tally.ending(2)).at(curve.times)
        known = ~np.isnan(alone)
        assert (curve.value[known] <= alone[known] + 1e-12).all()


class TestByReference:
    """R 4.2.2, survival 3.5-3: survfit(Surv(time, factor(end)) ~ 1), and Surv(entry, ...), id."""

    def test_r(self) -> None:
        """R's shares and errors of two ways to end."""
        tally = DurationTally.of(TIMES, event_observed=ENDS)
        one, two = (cumulative_incidence(tally, cause=cause) for cause in (1, 2))
        assert one.times.tolist() == [5, 8, 12, 15, 20, 30]
        np.testing.assert_allclose(
            one.value,
            [0.1, 0.2, 0.314285714285714, 0.428571428571429, 0.542857142857143, 0.714285714285714],
            atol=1e-14,
        )
        np.testing.assert_allclose(
            np.sqrt(two.variance),
            [0, 0, 0, 0.107339954766214, 0.107339954766214, 0.167122796633251],
            atol=1e-14,
        )
        assert np.sqrt(one.variance[3]) == pytest.approx(0.1637747154917459, abs=1e-14)

    def test_r_late_entries(self) -> None:
        """R's shares and errors where rows came late."""
        tally = DurationTally.of(TIMES, event_observed=ENDS, entry=ENTRY)
        one, two = (cumulative_incidence(tally, cause=cause) for cause in (1, 2))
        np.testing.assert_allclose(
            one.value[2:],
            [0.421296296296296, 0.517746913580247, 0.614197530864198, 0.758873456790124],
            atol=1e-14,
        )
        np.testing.assert_allclose(
            np.sqrt(one.variance[2:]),
            [0.170365757452312, 0.163934526542978, 0.145495222466368, 0.129601622754285],
            atol=1e-14,
        )
        assert np.sqrt(two.variance[-1]) == pytest.approx(0.1296016227542849, abs=1e-14)
