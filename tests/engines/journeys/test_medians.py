"""Medians of groups that are too many values to hold."""

from __future__ import annotations

from statistics import median
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cxm_core.engines.journeys import _medians
from cxm_core.engines.journeys._medians import medians, medians_of_blocks

GROUPS = 5
rows = st.lists(
    st.tuples(st.integers(0, GROUPS - 1), st.integers(0, 12) | st.integers(0, 2**62)), max_size=40
)


def by_hand(given_rows: list[tuple[int, int]]) -> list[float]:
    """Median of each group, one by one."""
    own = [[value for code, value in given_rows if code == group] for group in range(GROUPS)]
    return [float(median(values)) if values else float("nan") for values in own]


class TestByLaw:
    @given(given_rows=rows, block=st.integers(1, 50))
    def test_as_counted_by_hand(self, given_rows: list[tuple[int, int]], block: int) -> None:
        """In however many blocks they come, the medians are those of each group by itself."""
        codes, values = np.array(given_rows, np.int64).reshape(-1, 2).T
        cuts = range(0, max(len(given_rows), 1), block)
        found = medians_of_blocks(
            lambda: ((codes[at : at + block], values[at : at + block]) for at in cuts), GROUPS
        )
        assert found == pytest.approx(by_hand(given_rows), nan_ok=True, rel=1e-15)

    @given(given_rows=rows)
    def test_what_belongs_to_none(self, given_rows: list[tuple[int, int]]) -> None:
        """What has the code behind the last moves no median, whether they are counted or sorted."""
        codes, values = np.array(given_rows, np.int64).reshape(-1, 2).T
        last = GROUPS - 1
        found = medians_of_blocks(lambda: [(codes, values)], last)
        with mock.patch.object(_medians, "_MOST", 0):
            assert medians_of_blocks(lambda: [(codes, values)], last) == pytest.approx(
                found, nan_ok=True, rel=1e-15
            )
        assert found == pytest.approx(by_hand(given_rows)[:last], nan_ok=True, rel=1e-15)

    @given(values=arrays(np.int64, st.integers(0, 30), elements=st.integers(0, 2**40)))
    def test_many_groups(self, values: np.ndarray) -> None:
        """More groups than are counted by class are sorted, with the same medians."""
        codes, size = np.arange(values.size) % 3, _medians._MOST + 1
        found = medians_of_blocks(lambda: [(codes, values)], size)
        wanted = medians(codes, values.astype(float), 3)
        assert found[:3] == pytest.approx(wanted, nan_ok=True)
        assert np.isnan(found[3:]).all()
