"""Change detection."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import detect_change

LEVELS = (-1.0, 0.0, 1.0)


class TestByHand:
    def test_nothing_to_bet_on(self) -> None:
        """Looks without rows win and lose nothing: evidence grows by one a look."""
        found = detect_change([[0, 0]] * 4, [0, 1], known=(0.4, 0.6))
        assert found.evidence.tolist() == pytest.approx([1.0, 2.0, 3.0, 4.0])
        assert (found.alarm, found.since, found.direction) == (None, None, 0)

    def test_one_look(self) -> None:
        """Evidence of the first look is the mean of what all bets of both sides became."""
        stakes = 2.0 ** -(np.arange(20) / 2)
        up, down = (1 + stakes) ** 2, (1 - stakes) ** 2
        found = detect_change([[0, 2]], [0, 1], known=(0.5, 0.5))
        assert float(found.evidence[0]) == pytest.approx((up.mean() + down.mean()) / 2)

    def test_a_fall(self) -> None:
        """A fall is found, dated and told from a rise."""
        calm, worse = [[1, 1, 8]] * 30, [[5, 1, 4]] * 10
        found = detect_change(calm + worse, LEVELS, known=(0.6, 0.8))
        assert found.alarm is not None
        assert 30 <= found.alarm < 36
        assert found.since == 30
        assert found.direction == -1
        rise = detect_change([row[::-1] for row in calm + worse], LEVELS, known=(-0.8, -0.6))
        assert (rise.alarm, rise.since, rise.direction) == (found.alarm, 30, 1)

    def test_what_is_refused(self) -> None:
        """A known mean beyond the levels, and a run of no looks."""
        with pytest.raises(UsageError, match="beyond the levels"):
            detect_change([[1, 1]], [0, 1], known=(0.5, 1.5))
        with pytest.raises(UsageError, match="run length"):
            detect_change([[1, 1]], [0, 1], known=(0.5, 0.5), average_run_length=0.5)


class TestByLaw:
    @given(st.lists(st.integers(0, 6), min_size=2, max_size=30), st.floats(0.2, 0.8))
    def test_the_past_does_not_change(self, hits: list[int], known: float) -> None:
        """A later look leaves the evidence of the earlier ones as it was."""
        counts = [[6 - hit, hit] for hit in hits]
        whole = detect_change(counts, [0, 1], known=(known, known))
        start = detect_change(counts[:-1], [0, 1], known=(known, known))
        assert np.allclose(whole.evidence[:-1], start.evidence, rtol=1e-9)

    def test_runs_without_a_change_are_long(self) -> None:
        """Without a change, evidence averages the number of looks, so that runs are long."""
        rng = np.random.default_rng(2)
        runs = [
            detect_change(
                rng.multinomial(3, (0.2, 0.35, 0.45), size=300), LEVELS, known=(0.25, 0.25),
                average_run_length=300,
            ).alarm
            for _ in range(100)
        ]  # fmt: skip
        # A mean run of 300 looks or more: fewer than 1 - 1/e of all runs end before.
        assert np.mean([alarm is not None for alarm in runs]) < 0.63


class TestByReference:
    def test_the_recursion(self) -> None:
        """The Shiryaev-Roberts recursion, look by look in plain Python."""
        rng = np.random.default_rng(4)
        counts = rng.multinomial(5, (0.3, 0.2, 0.5), size=40)
        found = detect_change(counts, LEVELS, known=(0.1, 0.2))
        stakes = 2.0 ** -(np.arange(20) / 2)
        values = np.array([0.0, 0.5, 1.0])
        ups, downs = np.zeros(20), np.zeros(20)
        for row, wanted in zip(counts, found.evidence, strict=True):
            rise = 1 - stakes[:, None] + stakes[:, None] * values / 0.6
            fall = 1 - stakes[:, None] + stakes[:, None] * (1 - values) / 0.45
            ups = (ups + 1) * np.prod(rise**row, axis=1)
            downs = (downs + 1) * np.prod(fall**row, axis=1)
            assert float(wanted) == pytest.approx((ups.mean() + downs.mean()) / 2, rel=1e-9)
