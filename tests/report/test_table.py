"""A table of the report: typed columns of equal length."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from cxm_core.errors import UsageError
from cxm_core.report import Column, Table
from cxm_core.report._table import table


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("text", 1),
        ("integer", 1.0),
        ("integer", True),
        ("number", 1),
        ("number", float("nan")),
        ("number", float("inf")),
        ("boolean", 1),
        ("instant", datetime(2026, 11, 21)),
    ],
)
def test_a_cell_that_is_not_of_its_type_is_refused(kind: str, cell: object) -> None:
    """Types are strict, so that a file reads back to what was written."""
    with pytest.raises(UsageError, match="1 of its cells"):
        Column(name="c", type=kind, values=(None, cell))


def test_columns_have_one_length_and_different_names() -> None:
    """A table that has no rows in common is none."""
    one = Column(name="a", type="integer", values=(1,))
    two = Column(name="b", type="integer", values=(1, 2))
    for columns in ((one, two), (one, one)):
        with pytest.raises(UsageError, match="equal length"):
            Table(name="t", columns=columns)


def test_rows_and_columns_hold_the_same_cells() -> None:
    """The two ways to look at a table agree."""
    made = table("t", {"a": "integer", "b": "text"}, [(1, "x"), (2, None)])
    assert made.rows == ((1, "x"), (2, None))
    assert made.to_dict() == {"a": [1, 2], "b": ["x", None]}
    assert len(made) == 2


def test_an_empty_table_keeps_its_columns() -> None:
    """No rows, but every name and type."""
    made = table("t", {"a": "integer", "at": "instant"}, [])
    assert (len(made), dict(made.types)) == (0, {"a": "integer", "at": "instant"})
    assert made.rows == ()


def test_data_frames_take_the_columns() -> None:
    """The plain columns are what a data frame is made of."""
    made = table("t", {"at": "instant"}, [(datetime(2026, 11, 21, tzinfo=UTC),)])
    assert pd.DataFrame(made.to_dict())["at"].dt.year.tolist() == [2026]


def test_text_of_a_table_can_be_encoded() -> None:
    """Half a surrogate pair becomes the replacement sign before any file is written."""
    assert table("t", {"a": "text"}, [("a\ud800",)]).rows == (("a\ufffd",),)
