"""What clusters of unequal size, and answers that are alike, leave of a sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cxm_core.stats import (
    CodedAxis,
    RatioEstimate,
    Tally,
    korn_graubard,
    linear_ratio,
    sum_ratio,
)

# Cluster and answer of each row.
ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1)), min_size=3, max_size=40)


def share_of(rows: Any, strata: Any = None) -> RatioEstimate:
    """Share of ones, with the clusters of the rows."""
    axes = [CodedAxis.of("@cluster", [cluster for cluster, _ in rows], role="cluster")]
    if strata is not None:
        axes.append(CodedAxis.of("@stratum", strata, role="stratum"))
    codes = np.array([answer for _, answer in rows])
    tally = Tally.from_codes(levels=(0, 1), level_codes=codes, axes=axes)
    return linear_ratio(tally, (0, 1), (1, 1))


def of_sizes(*sizes: int) -> list[tuple[int, int]]:
    """Clusters of so many answers, in turn of one kind and of the other."""
    return [(place, answer % 2) for place, size in enumerate(sizes) for answer in range(size)]


class TestByHand:
    def test_uneven_sizes_leave_less_freedom(self) -> None:
        """Sizes 4, 2 and 2: 64 over 24, less one; and never less than one."""
        assert share_of(of_sizes(4, 2, 2)).freedom.item() == pytest.approx(64 / 24 - 1)
        assert share_of(of_sizes(80, 2, 2)).freedom.item() == 1.0
        assert share_of(of_sizes(2, 2, 2)).freedom.item() == 2.0

    def test_alike_answers_bound_what_they_are_worth(self) -> None:
        """Pairs 11, 00 and 10: correlation 1/2, so that six answers are worth four at most."""
        found = share_of([(0, 1), (0, 1), (1, 0), (1, 0), (2, 1), (2, 0)])
        assert found.most_n.item() == pytest.approx(6 / 1.5)

    def test_a_large_unanimous_cluster_is_not_taken_at_its_word(self) -> None:
        """Pairs that agree with themselves say how little a hundred answers of one may tell."""
        pairs = [(place, int(place % 5 > 0)) for place in range(20) for _ in range(2)]
        found = share_of([*pairs, *[(99, 1)] * 100])
        likeness, sizes = 1.0, np.array([2] * 20 + [100])
        design = 1 + likeness * ((sizes**2).sum() / 140 - 1)
        assert found.most_n.item() == pytest.approx(140 / design, rel=1e-3)
        assert found.effective_n.item() < 3

    def test_strata_keep_clusters_less_strata(self) -> None:
        """Two strata: as R counts, whatever the sizes."""
        rows = of_sizes(9, 1, 2, 2)
        found = share_of(rows, [int(cluster > 1) for cluster, _ in rows])
        assert found.freedom.item() == found.df.item() == 2

    def test_ratios_pay_too(self) -> None:
        """A ratio of ones below has the freedom of the mean, and asks for its likeness."""
        rows = [(0, 1), (0, 1), (1, 0), (1, 0), (2, 1), (2, 0), (2, 1), (2, 1)]
        cluster, answer = (np.array(part) for part in zip(*rows, strict=True))
        axis = CodedAxis.of("@cluster", cluster.tolist(), role="cluster")
        mean, ratio = share_of(rows), sum_ratio(answer, np.ones(len(rows)), axes=[axis])
        assert ratio.freedom == pytest.approx(mean.freedom)
        spread = mean.value * (1 - mean.value)
        asked = spread / mean.most_n
        assert ratio.floor == pytest.approx(asked / ratio.standard_error**2)


class TestByLaw:
    @given(ROWS)
    def test_freedom_lies_between_one_and_clusters_less_one(self, rows: Any) -> None:
        """No sizes give more freedom than even ones."""
        found = share_of(rows)
        assert min(1, found.df.item()) <= found.freedom.item() <= found.df.item() + 1e-9

    @given(st.lists(st.integers(0, 3), min_size=3, max_size=12))
    def test_clusters_of_one_size_lose_nothing(self, ones: list[int]) -> None:
        """The effective number is Korn and Graubard's, where sizes are even."""
        rows = [(place, int(i < k)) for place, k in enumerate(ones) for i in range(3)]
        found = share_of(rows)
        assume(found.standard_error.item() > 0)
        few = korn_graubard(found.n, found.df, confidence_level=0.95)
        wanted = min(found.raw_n.item() * few.item(), found.n.item())
        assert found.effective_n.item() == pytest.approx(wanted)

    @given(ROWS, st.randoms(use_true_random=False))
    def test_order_does_not_matter(self, rows: Any, random: Any) -> None:
        """Rows in another order are worth the same."""
        turned = random.sample(rows, len(rows))
        one, two = share_of(rows), share_of(turned)
        assert one.most_n == pytest.approx(two.most_n)
        assert one.freedom == pytest.approx(two.freedom)
