"""A change split into mix and rate, and the moments that its errors come from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.errors import UsageError
from cxm_core.stats import CodedAxis, Moments, Tally, linear_ratio, split_change

LEVELS, ABOVE, BELOW = (0, 1, 2), (-1.0, 0.0, 1.0), (1.0, 1.0, 1.0)

answers = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), min_size=1, max_size=30)


def counted(rows: list[tuple[str, int]], **design: Any) -> Tally:
    """Tally of rows of group and level; `design` has weights and clusters."""
    axes = [CodedAxis.of("group", [group for group, _ in rows])]
    if "cluster" in design:
        axes.append(CodedAxis.of("cluster", design["cluster"], role="cluster"))
    codes = np.array([level for _, level in rows])
    weights = np.array(design["weights"]) if "weights" in design else None
    return Tally.from_codes(levels=LEVELS, level_codes=codes, axes=axes, weights=weights)


def moments(rows: list[tuple[str, int]], **design: Any) -> Moments:
    """Moments of the balance of levels 2 and 0."""
    return Moments.of(counted(rows, **design), ABOVE, BELOW)


def of_overall(found: Moments) -> float:
    """Error of the overall value by the moments."""
    above, below = found.sums.sum(axis=0)
    step = np.array([[1.0, -above / below]]) / below
    groups = len(found.groups)
    overall = np.zeros((groups, 2))
    overall[0] = step[0]
    return float(np.sqrt(found.sum_variance(np.zeros((groups, 2)), overall)))


class TestByHand:
    def test_only_the_mix_moved(self) -> None:
        """Groups that answer as before, in other numbers: all is mix."""
        before = [("a", 2)] * 6 + [("b", 0)] * 2
        after = [("a", 2)] * 2 + [("b", 0)] * 6
        found = split_change(moments(before), moments(after))
        # From 0.5 to -0.5; each group's share moves by one half, one away from the middle.
        assert found.mix.tolist() == [-0.5, -0.5]
        assert found.rate.tolist() == [0.0, 0.0]

    def test_only_the_rate_moved(self) -> None:
        """Groups of the same size that answer otherwise: all is rate."""
        before, after = [("a", 2), ("b", 2)] * 3, [("a", 2), ("b", 0)] * 3
        found = split_change(moments(before), moments(after))
        assert found.mix.tolist() == [0.0, 0.0]
        assert found.rate.tolist() == [0.0, -1.0]

    def test_a_group_on_one_side_only(self) -> None:
        """A new group has not changed: what it moves is mix."""
        found = split_change(moments([("a", 1)] * 4), moments([("a", 1)] * 2 + [("b", 2)] * 2))
        assert found.rate.tolist() == [0.0, 0.0]
        assert found.mix.sum() == pytest.approx(0.5)
        assert np.isnan(found.values[0, 1])

    def test_labels_of_both_sides_in_order(self) -> None:
        """Groups are those of either side, the missing last."""
        found = split_change(
            moments([("b", 1), ("c", 0)]), moments([(None, 2), ("a", 1)])  # type: ignore[list-item]  # a missing label
        )  # fmt: skip
        assert found.groups == (("a",), ("b",), ("c",), (None,))

    def test_a_side_without_answers(self) -> None:
        """Nothing can be split where nobody answered."""
        none = Moments.of(counted([("a", 1)]), ABOVE, BELOW)._replace(n=np.zeros(1, np.int64))
        with pytest.raises(UsageError, match="Nobody answered after"):
            split_change(moments([("a", 1)]), none)

    def test_coefficients_must_fit(self) -> None:
        """There is one coefficient a level."""
        with pytest.raises(UsageError, match="do not fit"):
            Moments.of(counted([("a", 1)]), (1.0, 2.0), (1.0, 1.0))


class TestByLaw:
    @given(answers, answers)
    def test_parts_add_up(self, before: Any, after: Any) -> None:
        """Mix and rate of all groups are the change, exactly but for rounding."""
        found = split_change(moments(before), moments(after))
        change = found.overall[1] - found.overall[0]
        assert found.mix.sum() + found.rate.sum() == pytest.approx(change, abs=1e-12)

    @given(answers, answers)
    def test_turning_the_sides_turns_the_parts(self, before: Any, after: Any) -> None:
        """Before and after in each other's place change the signs and keep the errors."""
        one = split_change(moments(before), moments(after))
        other = split_change(moments(after), moments(before))
        assert other.mix == pytest.approx(-one.mix, abs=1e-12)
        assert other.rate == pytest.approx(-one.rate, abs=1e-12)
        assert other.mix_error == pytest.approx(one.mix_error, abs=1e-9)
        assert other.rate_error == pytest.approx(one.rate_error, abs=1e-9)

    @given(answers)
    def test_nothing_changed(self, rows: Any) -> None:
        """The same answers twice have neither mix nor rate."""
        found = split_change(moments(rows), moments(rows))
        assert not found.mix.any()
        assert not found.rate.any()

    @given(st.lists(st.integers(0, 2), min_size=2, max_size=30), st.sampled_from(["", "w", "c"]))
    def test_one_group_has_the_overall_error(self, levels: list[int], design: str) -> None:
        """The error of the overall value by moments is that of the ratio, under any design."""
        rows = [("a", level) for level in levels]
        parts: dict[str, Any] = {}
        if design == "w":
            parts["weights"] = [1.0 + i % 3 for i in range(len(rows))]
        if design == "c":
            parts["cluster"] = [i // 2 for i in range(len(rows))]
        tally = counted(rows, **parts)
        ratio = linear_ratio(tally, ABOVE, BELOW)
        wanted = np.nan_to_num(ratio.standard_error[0])
        assert of_overall(Moments.of(tally, ABOVE, BELOW)) == pytest.approx(wanted, abs=1e-6)


class TestByReference:
    @pytest.mark.parametrize("design", ["plain", "weighted", "clustered"])
    def test_errors_by_the_jackknife(self, design: str) -> None:
        """Leaving out one unit after the other gives nearly the same errors."""
        rng = np.random.default_rng(6)
        sides = []
        for shift, size in ((0, 90), (1, 120)):
            rows = [("abc"[rng.choice(3, p=[0.5, 0.3, 0.2])], int(rng.integers(0, 3 - shift * 0)))
                    for _ in range(size)]  # fmt: skip
            sides.append((rows, rng.uniform(0.5, 2, size), np.arange(size) // 2))

        def made(i: int, keep: np.ndarray) -> Moments:
            rows, weights, clusters = sides[i]
            parts: dict[str, Any] = {}
            if design == "weighted":
                parts["weights"] = weights[keep]
            if design == "clustered":
                parts["cluster"] = clusters[keep].tolist()
            return moments([row for row, kept in zip(rows, keep, strict=True) if kept], **parts)

        whole = [made(i, np.ones(len(sides[i][0]), bool)) for i in (0, 1)]
        found = split_change(*whole)
        variance = np.zeros((2, 3))
        for i in (0, 1):
            units = sides[i][2] if design == "clustered" else np.arange(len(sides[i][0]))
            parts = []
            for unit in np.unique(units):
                pair = list(whole)
                pair[i] = made(i, units != unit)
                less = split_change(*pair)
                parts.append([less.mix, less.rate])
            spread = np.array(parts) - np.mean(parts, axis=0)
            variance += (len(parts) - 1) / len(parts) * (spread**2).sum(axis=0)
        assert found.mix_error == pytest.approx(np.sqrt(variance[0]), rel=0.06, abs=1e-3)
        assert found.rate_error == pytest.approx(np.sqrt(variance[1]), rel=0.06, abs=1e-3)
