"""Each group beside all the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.stats import CodedAxis, Tally, linear_ratio, mover, mover_tied, rest_of_each

ABOVE, BELOW = ENDS = (-1.0, 0.0, 1.0), (1.0, 1.0, 1.0)
rows = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 2), st.integers(0, 9)),
    min_size=8,
    max_size=40,
)


def counted(answers: Any, *, clusters: bool = False, weights: bool = False) -> Tally:
    """Tally of rows of group, level and unit."""
    axes = [CodedAxis.of("group", [group for group, _, _ in answers])]
    if clusters:
        axes.append(CodedAxis.of("unit", [unit for _, _, unit in answers], role="cluster"))
    codes = np.array([level for _, level, _ in answers])
    weighed = np.array([1.0 + unit % 3 for _, _, unit in answers]) if weights else None
    return Tally.from_codes(levels=(0, 1, 2), level_codes=codes, axes=axes, weights=weighed)


def relabelled(answers: Any, group: str) -> Any:
    """The same rows, with one group against all the others."""
    return [(g if g == group else "rest", level, unit) for g, level, unit in answers]


class TestByHand:
    def test_the_rest_of_two_is_the_other(self) -> None:
        """With two groups, the rest of one is the other."""
        tally = counted([("a", 2, 0), ("a", 0, 1), ("b", 2, 2), ("b", 2, 3)])
        found = linear_ratio(tally, ABOVE, BELOW)
        rest = rest_of_each(tally, ENDS, found)
        assert rest.ratio.value.tolist() == found.value.tolist()[::-1]
        assert rest.ratio.standard_error.tolist() == found.standard_error.tolist()[::-1]
        assert rest.ratio.n.tolist() == [2, 2]
        assert rest.correlation.tolist() == [0, 0]

    def test_one_group_has_no_rest(self) -> None:
        """Where there is one group only, nothing stands beside it."""
        tally = counted([("a", 2, 0), ("a", 0, 1)])
        rest = rest_of_each(tally, ENDS, linear_ratio(tally, ABOVE, BELOW))
        assert np.isnan(rest.ratio.value).all()
        assert np.isnan(rest.standard_error).all()

    def test_units_in_both_tie_them(self) -> None:
        """Units that answer alike in the group and in the rest make the difference surer."""
        answers = [
            (group, level, unit) for unit, level in enumerate([0, 1, 2] * 5) for group in "ab"
        ]
        tied, free = (counted(answers, clusters=clusters) for clusters in (True, False))
        errors = [rest_of_each(t, ENDS, linear_ratio(t, ABOVE, BELOW)) for t in (tied, free)]
        assert errors[0].correlation.tolist() == pytest.approx([1.0, 1.0])
        assert errors[0].standard_error[0] == pytest.approx(0.0, abs=1e-7)
        assert errors[1].standard_error[0] > 0.2


class TestByLaw:
    @given(rows, st.booleans(), st.booleans())
    def test_the_rest_is_a_group_like_any(
        self, answers: Any, clusters: bool, weights: bool
    ) -> None:
        """Calling all other groups by one name gives the same value and error."""
        tally = counted(answers, clusters=clusters, weights=weights)
        found = linear_ratio(tally, ABOVE, BELOW)
        rest = rest_of_each(tally, ENDS, found)
        for place, (group,) in enumerate(found.groups):
            two = linear_ratio(
                counted(relabelled(answers, group), clusters=clusters, weights=weights),
                ABOVE,
                BELOW,
            )
            if len(two.groups) < 2:
                continue
            for name in ("value", "standard_error", "n", "n_clusters", "df"):
                wanted = getattr(two, name)[1]
                ours = getattr(rest.ratio, name)[place]
                assert ours == pytest.approx(wanted, abs=1e-6, nan_ok=True), name
            assert rest.ratio.level_shares[place] == pytest.approx(two.level_shares[1], abs=1e-9)
            assert rest.ratio.effective_n[place] == pytest.approx(
                two.effective_n[1], rel=1e-4, abs=1e-6, nan_ok=True
            )

    @given(st.floats(-1, 1), st.floats(0.01, 0.5), st.floats(0.01, 0.5), st.floats(-1, 1))
    def test_ties_narrow_or_widen(self, a: float, one: float, two: float, tie: float) -> None:
        """Without a tie the limits are MOVER's; a positive one narrows them, a negative widens."""
        first, second = (a, a - one, a + two), (0.0, -two, one)
        plain, tied = mover(first, second), mover_tied(first, second, tie)
        assert mover_tied(first, second, 0.0).low == pytest.approx(plain.low)
        width = float(tied.high - tied.low) - float(plain.high - plain.low)
        assert width * tie <= 1e-9
