"""Numbers of any size, with their design."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cxm_core.columns import Design, read_measures
from cxm_core.errors import UsageError


def test_rows_are_left_out_together() -> None:
    """Where one of two numbers is missing, the row goes, with its group and weight."""
    design = Design(by=["a", "b", "c"], weights=[1.0, 2.0, 3.0])
    found = read_measures([1, None, 3], second=[4, 5, None], design=design)
    assert [v.tolist() for v in found.values] == [[1.0], [4.0]]
    assert found.axes[0].codes.tolist() == [0]
    assert found.weights is not None
    assert found.weights.tolist() == [1.0]
    assert (found.rows, found.exclusions) == (3, (("missing", 2),))


def test_codes_have_their_reasons() -> None:
    """Each row is left out for one reason, the first that holds."""
    found = read_measures([9, -1, None, 5], missing={-1: "unknown", 9: "refused"})
    assert found.exclusions == (("missing", 1), ("unknown", 1), ("refused", 1))
    assert found.values[0].tolist() == [5.0]


def test_lazy_tables_are_read_once() -> None:
    """Both columns and the design of a lazy table come in one go."""
    table = pl.LazyFrame({"y": [1, 2], "x": [3, 4], "k": ["p", "q"]})
    found = read_measures(table, "y", second="x", design=Design(clusters="k"))
    assert [v.tolist() for v in found.values] == [[1.0, 2.0], [3.0, 4.0]]
    assert found.axes[0].role == "cluster"


def test_nan_is_missing_and_infinity_is_not() -> None:
    """A NaN is a missing number; an endless one is refused."""
    assert read_measures(np.array([1.0, np.nan])).exclusions == (("missing", 1),)
    with pytest.raises(UsageError, match="1 of 2 numbers are endless"):
        read_measures(np.array([1.0, -np.inf]))


def test_a_weight_is_needed_where_a_number_is() -> None:
    """A missing weight beside a number is refused, beside a missing one it is not."""
    assert read_measures([1.0, None], design=Design(weights=[1.0, None])).rows == 2
    with pytest.raises(UsageError, match="weight"):
        read_measures([1.0, 2.0], design=Design(weights=[1.0, None]))
