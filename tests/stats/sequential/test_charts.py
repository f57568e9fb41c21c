"""Control charts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import Chart, cusum, ewma_chart, run_signals, sampling_chart, xmr_chart

POINTS = st.lists(st.floats(-100, 100), min_size=2, max_size=40)


def chart_of(z: list[float]) -> Chart:
    """Chart whose points lie at these standard deviations."""
    x = np.array(z, dtype=np.float64)
    one = np.ones(x.size)
    return Chart(x, 0.0, -3 * one, 3 * one, one)


def marked(z: list[float], rules: str = "western_electric") -> dict[str, list[int]]:
    """Places that each rule marks, of those that mark any."""
    signals = run_signals(chart_of(z), rules=rules)
    return {name: where.nonzero()[0].tolist() for name, where in signals.items() if where.any()}


class TestByHand:
    def test_each_rule(self) -> None:
        """Each pattern marks the point that completes it, and nothing else does."""
        assert marked([0, 3.5, 0]) == {"beyond_limits": [1]}
        assert marked([2.5, 0, 2.5]) == {"two_of_three": [2]}
        assert marked([2.5, 0, -2.5]) == {}
        assert marked([1.5, 1.5, -1, 1.5, 1.5]) == {"four_of_five": [4]}
        assert marked([0.5] * 9) == {"eight_on_a_side": [7, 8]}
        assert marked([0.5] * 7 + [-0.5]) == {}
        assert marked([1.6, 1.6, 0, 1.6], "wheeler") == {"three_of_four": [3]}
        assert marked([3.5, 2.5, 2.5], "limits") == {"beyond_limits": [0]}

    def test_limits_from_a_baseline(self) -> None:
        """Later points do not move the limits that the baseline set."""
        chart = xmr_chart([1, 2, 1, 2, 50], baseline=4)
        assert chart.centre == 1.5
        assert float(chart.high[4]) == pytest.approx(1.5 + 3 / 1.128)

    def test_classical_p_chart(self) -> None:
        """Limits are three binomial errors away, wider for small samples."""
        errors = np.sqrt(0.2 * 0.8 / np.array([100, 25]))
        chart = sampling_chart([0.2, 0.3], errors, centre=0.2, adjusted=False)
        assert chart.high.tolist() == pytest.approx([0.32, 0.44])

    def test_constant_process(self) -> None:
        """A process that never moves has limits without width, and no signal."""
        assert not any(where.any() for where in run_signals(xmr_chart([5, 5, 5])).values())

    def test_ewma_by_hand(self) -> None:
        """Values and errors, two steps by hand."""
        chart = ewma_chart([1.0, 0.0], 2.0, target=0.0, weight=0.5, width=3.0)
        assert chart.values.tolist() == [0.5, 0.25]
        assert chart.high.tolist() == pytest.approx([3.0, 3 * np.sqrt(1 + 0.25)])

    def test_what_is_refused(self) -> None:
        """Missing points, a baseline of one, errors of nought, unknown rules, no weight."""
        with pytest.raises(UsageError, match="1 of 2 points are missing"):
            xmr_chart([1, np.nan])
        with pytest.raises(UsageError, match="baseline of 1 of 3"):
            xmr_chart([1, 2, 3], baseline=1)
        with pytest.raises(UsageError, match="1 of 2 standard errors"):
            sampling_chart([1, 2], [1, 0], centre=1)
        with pytest.raises(UsageError, match="no rules 'nelson'"):
            run_signals(chart_of([1, 2]), rules="nelson")
        with pytest.raises(UsageError, match="not in 0 to 1"):
            ewma_chart([1, 2], 1.0, target=0, weight=0)


class TestByLaw:
    @given(POINTS, st.floats(-10, 10), st.floats(0.1, 10))
    def test_units_do_not_matter(self, x: list[float], shift: float, factor: float) -> None:
        """Moved and stretched values have moved and stretched limits."""
        chart = xmr_chart(x)
        moved = xmr_chart([shift + factor * value for value in x])
        assert np.allclose(moved.high, shift + factor * chart.high, atol=1e-6)

    @given(POINTS)
    def test_cusum_is_the_recursion(self, x: list[float]) -> None:
        """The sums are what adding up and stopping at nought gives, point by point."""
        found = cusum(x, target=1.0, slack=0.5, limit=10.0)
        upper, wanted = 0.0, []
        for value in x:
            upper = max(0.0, upper + value - 1.0 - 0.5)
            wanted.append(upper)
        assert found.upper.tolist() == pytest.approx(wanted, abs=1e-8)

    @given(POINTS)
    def test_signals_know_no_side(self, x: list[float]) -> None:
        """A process upside down raises the same alarms."""
        for rules in ("western_electric", "wheeler"):
            up, down = (run_signals(chart_of([s * v for v in x]), rules=rules) for s in (1, -1))
            assert all(np.array_equal(up[name], down[name]) for name in up)

    def test_false_alarms_are_rare(self) -> None:
        """Of 100,000 normal points, one in 370 lies beyond the limits."""
        z = np.random.default_rng(1).standard_normal(100_000).tolist()
        signals = run_signals(chart_of(z), rules="limits")
        assert signals["beyond_limits"].mean() == pytest.approx(0.0027, abs=0.0005)


class TestByReference:
    def test_laney(self) -> None:
        """With equal errors, Laney's chart is the chart of individual values."""
        x = [0.10, 0.14, 0.08, 0.11, 0.09, 0.12]
        centre = float(np.mean(x))
        laney = sampling_chart(x, [0.01] * 6, centre=centre)
        assert laney.high.tolist() == pytest.approx(xmr_chart(x).high.tolist())
