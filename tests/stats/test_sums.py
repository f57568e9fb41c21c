"""Grouped counts and sums of rows."""

from __future__ import annotations

import math
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cxm_core.stats import CodedAxis, Tally
from cxm_core.stats._sums import FEW


def weight_sums(levels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sums of weights of two levels as the tally holds them."""
    tally = Tally.from_codes(levels=(0, 1), level_codes=levels, weights=weights)
    assert tally.w is not None
    return tally.w.sum(axis=0)


class TestByHand:
    def test_a_million_tenths(self) -> None:
        """A million weights of 0.1 add up to the last bit, where plain adding drifts by 1e-11."""
        weights = np.full(1_000_000, 0.1)
        total = weight_sums(np.zeros(1_000_000, np.int8), weights)[0]
        assert total == pytest.approx(math.fsum(weights), rel=1e-15)
        assert abs(np.cumsum(weights)[-1] / total - 1) > 1e-12

    def test_odd_number_of_bytes(self) -> None:
        """Counting two bytes at a time leaves no last one behind."""
        codes = np.array([0, 1, 2, 2, 1, 2, -1], np.int8)
        assert Tally.from_codes(levels="abc", level_codes=codes).n.tolist() == [[1, 2, 3]]

    def test_tiny_and_huge_weights(self) -> None:
        """Weights at the ends of the range of floats give no warning and no infinity."""
        for weight in (1e-300, 1e100, 0.0):
            total = weight_sums(np.array([0, 0, 1], np.int8), np.full(3, weight))
            assert total.tolist() == pytest.approx([2 * weight, weight])


class TestByLaw:
    @given(hnp.arrays(np.int8, st.integers(0, 3000), elements=st.integers(-1, 10)))
    def test_one_byte_counts_are_plain_counts(self, codes: np.ndarray) -> None:
        """The fast counter of bytes agrees with the counter of integers."""
        fast = Tally.from_codes(levels=range(11), level_codes=codes)
        assert fast == Tally.from_codes(levels=range(11), level_codes=codes.astype(np.int64))
        assert fast.n.sum(axis=0).tolist() == [int((codes == k).sum()) for k in range(11)]

    @given(hnp.arrays(np.int64, st.integers(1, 20), elements=st.integers(-1, 3)), st.booleans())
    def test_few_rows_and_many(self, codes: np.ndarray, is_weighted: bool) -> None:
        """Rows that are few are counted in another way, and to the same sums."""

        def sums(codes: np.ndarray) -> np.ndarray:
            weights = np.full(codes.size, 0.5) if is_weighted else None
            tally = Tally.from_codes(levels=range(4), level_codes=codes, weights=weights)
            return (tally.n if tally.w is None else tally.w).sum(axis=0)

        assert sums(np.tile(codes, FEW + 1)).tolist() == (sums(codes) * (FEW + 1)).tolist()

    @given(
        hnp.arrays(np.float64, st.integers(1, 200), elements=st.floats(0, 1e6)),
        st.integers(0, 2**32 - 1),
    )
    def test_sums_do_not_depend_on_order(self, weights: np.ndarray, seed: int) -> None:
        """Sums of weights agree with exact addition to 1e-12 of the largest, in any order."""
        rng = np.random.default_rng(seed)
        levels = rng.integers(0, 2, weights.size).astype(np.int8)
        order = rng.permutation(weights.size)
        exact = [math.fsum(weights[levels == k]) for k in (0, 1)]
        for sums in (
            weight_sums(levels, weights),
            weight_sums(levels[order], weights[order]),
        ):
            np.testing.assert_allclose(sums, exact, rtol=0, atol=1e-12 * max(*exact, 1e-300))

    @given(st.integers(0, 2**32 - 1), st.booleans())
    def test_table_and_list_agree(self, seed: int, has_missing: bool) -> None:
        """Filling a table of all cells and listing only the cells met give one tally."""
        rng = np.random.default_rng(seed)
        codes = [rng.integers(-int(has_missing), 5, 60) for _ in range(3)]
        levels = rng.integers(-1, 3, 60)
        axes = [CodedAxis(name=f"a{i}", labels=range(5), codes=c) for i, c in enumerate(codes)]
        table = Tally.from_codes(levels=(1, 2, 3), level_codes=levels, axes=axes)
        with mock.patch("cxm_core.stats._rows.DENSE", 0):
            listed = Tally.from_codes(levels=(1, 2, 3), level_codes=levels, axes=axes)
        assert table == listed

    @given(st.integers(0, 2**32 - 1))
    def test_many_labels_on_many_axes(self, seed: int) -> None:
        """Axes whose combinations exceed 64 bits are told apart all the same."""
        rng = np.random.default_rng(seed)
        codes = [rng.integers(0, 300, 300) for _ in range(9)]
        axes = [CodedAxis.of(f"a{i}", c) for i, c in enumerate(codes)]
        tally = Tally.from_codes(levels=(1,), level_codes=np.zeros(300, np.int64), axes=axes)
        assert sorted(tally.groups) == sorted(set(zip(*map(np.ndarray.tolist, codes), strict=True)))
        assert list(tally.groups) == sorted(tally.groups)

    def test_blocks_join_without_a_seam(self) -> None:
        """Rows beyond one block are counted as those within it."""
        rng = np.random.default_rng(5)
        size = (1 << 18) * 2 + 1001
        codes, group = rng.integers(-1, 4, size).astype(np.int8), rng.integers(0, 7, size)
        axis = CodedAxis(name="by", labels=range(7), codes=group)
        tally = Tally.from_codes(levels=range(4), level_codes=codes, axes=[axis])
        known = codes >= 0
        expected = np.histogram2d(group[known], codes[known], bins=(range(8), range(5)))[0]
        assert np.array_equal(tally.n, expected)
