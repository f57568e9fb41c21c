"""Customer effort."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

import cxm_core as cx

answers = st.lists(st.integers(1, 7), min_size=1, max_size=60)


class TestByHand:
    def test_the_top_levels_count(self) -> None:
        """Six and seven of seven found it easy."""
        made = cx.ces([7, 6, 5, 1], scale="1-7")
        assert (made.metric, made.value, made.unit) == ("ces", 0.5, "share")

    def test_effort_scales_run_the_other_way(self) -> None:
        """Where a large number is much effort, the small ones count."""
        assert cx.ces([1, 2, 5], scale="1-5 reversed").value == pytest.approx(2 / 3)

    def test_groups_and_levels(self) -> None:
        """Groups, named levels and codes, all at once."""
        made = cx.ces(
            {"easy": [7, 5, 9, 2], "shop": ["a", "a", "b", "b"]},
            "easy",
            scale="1-7",
            top=(5, 6, 7),
            by="shop",
            missing=9,
        )
        assert made.value.tolist() == [1.0, 0.0]
        assert made.n.tolist() == [2, 1]


class TestByLaw:
    @given(answers)
    def test_it_is_the_top_box(self, data: list[int]) -> None:
        """Effort is the share in the top levels by another name."""
        made, box = cx.ces(data, scale="1-7"), cx.top_box(data, scale="1-7")
        assert (made.value, made.low, made.high) == (box.value, box.low, box.high)

    @given(answers)
    def test_it_stays_within_bounds(self, data: list[int]) -> None:
        """A share and its limits lie in 0 to 1, the share between the limits."""
        made = cx.ces(data, scale="1-7")
        assert 0 <= made.low <= made.value <= made.high <= 1


class TestByReference:
    @pytest.mark.parametrize(("x", "n"), [(0, 9), (3, 11), (57, 80)])
    def test_exact_and_wilson_intervals(self, x: int, n: int) -> None:
        """SciPy's intervals of the same share."""
        data = [7] * x + [1] * (n - x)
        for ours, theirs in (("clopper_pearson", "exact"), ("wilson", "wilson")):
            made = cx.ces(data, scale="1-7", method=ours)
            wanted = binomtest(x, n).proportion_ci(method=theirs)
            assert (made.low, made.high) == pytest.approx((wanted.low, wanted.high), abs=1e-9)
