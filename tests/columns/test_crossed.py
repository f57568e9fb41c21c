"""Columns of a table as groups, one by one and crossed."""

from __future__ import annotations

import polars as pl
import pytest

from cxm_core.columns import read_crossed
from cxm_core.errors import UsageError

TABLE = {"region": ["N", None, "N", "S"], "plan": [1, 1, 2, 1], "short": [1]}


def test_two_columns_make_the_combinations_that_occur() -> None:
    """Labels are tuples, a missing one is None, and codes say which row has which."""
    (found,) = read_crossed(TABLE, [("region", "plan")], what="the sample")
    assert [found.labels[code] for code in found.codes] == [("N", 1), (None, 1), ("N", 2), ("S", 1)]
    assert len(found.labels) == 4


def test_a_frame_gives_the_same() -> None:
    """Whatever the table is made of."""
    table = {name: TABLE[name] for name in ("region", "plan")}
    one, other = (
        read_crossed(data, [("plan",)], what="the sample")[0]
        for data in (table, pl.DataFrame(table))
    )
    assert (one.labels, one.codes.tolist()) == (other.labels, other.codes.tolist())


def test_refusals() -> None:
    """A column that is not there, columns of two lengths, and data without columns."""
    with pytest.raises(UsageError, match="no column 'regoin'"):
        read_crossed(TABLE, [("regoin",)], what="the sample")
    with pytest.raises(UsageError, match="differ in length"):
        read_crossed(TABLE, [("plan", "short")], what="the sample")
    with pytest.raises(UsageError, match="one column"):
        read_crossed([1, 2], [("plan",)], what="the sample")
