"""Products of totals, and the variances that they give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.stats import CodedAxis, Moments, Tally, linear_ratio

ABOVE, BELOW = (0.0, 1.0, 2.0), (1.0, 1.0, 1.0)
rows = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from("ab"), st.integers(0, 5), st.sampled_from("xy")),
    min_size=4,
    max_size=30,
)


def counted(answers: object, *, clusters: bool, strata: bool, weights: bool) -> Tally:
    """Tally of rows of level, group, unit and stratum."""
    levels, groups, units, parts = zip(*answers, strict=True)  # type: ignore[call-overload]  # rows of Hypothesis
    axes = [CodedAxis.of("group", list(groups))]
    if strata:
        axes.append(CodedAxis.of("part", list(parts), role="stratum"))
    if clusters:
        axes.append(CodedAxis.of("unit", list(units), role="cluster"))
    weighed = np.array([1.0 + unit for unit in units]) if weights else None
    return Tally.from_codes(
        levels=(0, 1, 2), level_codes=np.array(levels), axes=axes, weights=weighed
    )


class TestByLaw:
    @given(rows, st.booleans(), st.booleans(), st.booleans())
    def test_errors_of_the_ratio(
        self, answers: object, clusters: bool, strata: bool, weights: bool
    ) -> None:
        """The ratio's own error comes out of its moments, under every design."""
        tally = counted(answers, clusters=clusters, strata=strata, weights=weights)
        found, moments = linear_ratio(tally, ABOVE, BELOW), Moments.of(tally, ABOVE, BELOW)
        assert moments.value == pytest.approx(found.value)
        own = np.stack([np.ones_like(found.value), -found.value], axis=1) / moments.sums[:, 1:]
        variance = moments.variance(own, np.zeros_like(own))
        known = np.isfinite(found.standard_error)
        assert np.sqrt(variance[known]) == pytest.approx(found.standard_error[known], abs=1e-6)

    @given(rows, st.booleans())
    def test_more_groups_change_nothing(self, answers: object, clusters: bool) -> None:
        """Groups without answers add noughts."""
        tally = counted(answers, clusters=clusters, strata=False, weights=False)
        moments = Moments.of(tally, ABOVE, BELOW)
        place = np.arange(len(moments.groups)) + 1
        wider = moments.over([("new",), *moments.groups], place)
        assert wider.sums[0].tolist() == [0, 0]
        assert wider.sums[1:].tolist() == moments.sums.tolist()
        step = np.ones((len(wider.groups), 2))
        assert wider.sum_variance(step, step * 0) == pytest.approx(
            moments.sum_variance(step[1:], step[1:] * 0)
        )
