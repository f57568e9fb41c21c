"""Arrow's buffers become the columns that plain Python values become."""

from __future__ import annotations

import gc
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_core.columns import Column, Frame, open_data, read_column
from cxm_core.columns._values import coded_axis, instants
from cxm_core.errors import UsageError

texts = st.lists(
    st.none() | st.text(max_size=3) | st.text("ab\0é€𝄞", max_size=40) | st.just("x" * 200),
    max_size=30,
)
labels = st.lists(st.none() | st.sampled_from(["a", "b", "a longer label of it", ""]), max_size=30)
TEXTS: dict[str, Any] = {
    "arrow": lambda rows: pa.chunked_array([pa.array(rows, pa.string())]),
    "arrow, large": lambda rows: pa.array(rows, pa.large_string()),
    "arrow, views": lambda rows: pa.chunked_array([pa.array(rows, pa.string_view())]),
    "arrow, a slice": lambda rows: pa.array(["x", *rows, "y"], pa.string()).slice(1, len(rows)),
    "arrow, chunks": lambda rows: pa.chunked_array(
        [pa.array(rows[:3], pa.string()), pa.array(rows[3:], pa.string())]
    ),
    "arrow, codes": lambda rows: pa.array(rows, pa.string()).dictionary_encode(),
    "arrow, codes in chunks": lambda rows: pa.chunked_array(
        [pa.array(part, pa.string()).dictionary_encode() for part in (rows[:3], rows[3:])]
    ),
    "polars": lambda rows: pl.Series(rows, dtype=pl.String),
    "polars, a slice": lambda rows: pl.Series(["x", *rows, "y"], dtype=pl.String)[1:-1],
    "polars, codes": lambda rows: pl.Series(rows, dtype=pl.Categorical),
    "pandas, arrow": lambda rows: pd.Series(rows, dtype=pd.ArrowDtype(pa.string())),
    "pandas, text": lambda rows: pd.Series(rows, dtype="string[pyarrow]"),
    "pandas, codes": lambda rows: pd.Series(
        pd.Categorical(rows, ["unused", *dict.fromkeys(row for row in rows if row is not None)])
    ),
}


def plainly(column: Column) -> list[Any]:
    """Label of each row by a look at each value."""
    axis = coded_axis(column, "label")
    return [None if code < 0 else axis.labels[code] for code in axis.codes.tolist()]


class TestTexts:
    @pytest.mark.parametrize("kind", TEXTS)
    @given(data=st.data())
    def test_every_library_says_the_same(self, kind: str, data: st.DataObject) -> None:
        """Texts, blank ones and gaps are those of a list, whatever bytes they lie in."""
        rows = data.draw(texts)
        column = read_column(TEXTS[kind](rows), "labels")
        assert [None if gone else value for value, gone in _pairs(column)] == rows
        assert plainly(column) == rows

    @pytest.mark.parametrize("kind", TEXTS)
    @given(rows=labels, data=st.data())
    def test_some_rows(self, kind: str, rows: list[str | None], data: st.DataObject) -> None:
        """Picking rows of a column picks their values and labels, and only theirs."""
        column = read_column(TEXTS[kind](rows), "labels")
        which = data.draw(st.lists(st.integers(0, max(len(rows) - 1, 0)), max_size=2 * len(rows)))
        picked = column.taken(np.array(which, int))
        wanted = [rows[row] for row in which]
        assert plainly(picked) == wanted
        assert set(coded_axis(picked, "label").labels) == {row for row in wanted if row is not None}

    def test_many_texts(self) -> None:
        """More texts than one step takes, most of them met again in later ones."""
        rng = np.random.default_rng(1)
        rows = [f"case {n}" for n in rng.integers(0, 90_000, 600_000).tolist()]
        found = read_column(pa.array(rows), "cases").coded
        assert found is not None
        assert found.texts.strings.tolist() == list(dict.fromkeys(rows))
        assert found.texts.strings[found.codes].tolist() == rows
        assert found.texts.strings[found.texts.order()].tolist() == sorted(set(rows))


def _pairs(column: Column) -> list[tuple[Any, bool]]:
    return list(zip(column.values.tolist(), column.is_missing.tolist(), strict=True))


moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))
UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 1}


class TestTimes:
    @pytest.mark.parametrize("unit", UNITS)
    @pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
    @given(data=st.data())
    def test_as_python_reads_them(self, unit: str, zone: str | None, data: st.DataObject) -> None:
        """Instants of every unit and zone are those of Python's own values."""
        some = st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)) if unit == "ns" else moments
        given_ = data.draw(st.lists(st.none() | some, max_size=8))
        step = UNITS[unit]
        rows = [
            None if at is None else at - timedelta(microseconds=at.microsecond % step)
            for at in given_
        ]
        kind = pa.timestamp(unit, zone)
        aware = [at if at is None or zone is None else at.replace(tzinfo=UTC) for at in rows]
        column = read_column(pa.chunked_array([pa.array(aware, kind)]), "times")
        found, is_missing = instants(column, "Asia/Tokyo" if zone is None else "UTC", "times")
        slow, _ = instants(read_column(aware, "times"), "Asia/Tokyo", "times")
        assert is_missing.tolist() == [at is None for at in rows]
        assert found[~is_missing].tolist() == slow[~is_missing].tolist()

    def test_finer_than_a_microsecond(self) -> None:
        """What is finer is cut off, before 1970 as after it."""
        column = read_column(pa.array([-1_500, 1_500], pa.timestamp("ns")), "times")
        assert column.values.astype(np.int64).tolist() == [-2, 1]

    @pytest.mark.parametrize("unit", ["s", "ms"])
    def test_beyond_the_calendar(self, unit: str) -> None:
        """A time that microseconds cannot hold is refused, and does not become another one."""
        data = pa.array([2**60, None], pa.timestamp(unit))
        with pytest.raises(UsageError, match="outside the years"):
            instants(read_column(data, "times"), "UTC", "times")
        with pytest.raises(UsageError, match="outside the years"):
            read_column(np.array([2**60], f"datetime64[{unit}]"), "times")

    @given(
        rows=st.lists(st.none() | st.dates(), max_size=8),
        kind=st.sampled_from([pa.date32(), pa.date64()]),
    )
    def test_days(self, rows: list[date | None], kind: Any) -> None:
        """A day stays a day, and begins where the zone says."""
        column = read_column(pa.array(rows, kind), "days")
        assert [None if gone else value for value, gone in _pairs(column)] == rows
        known = [row for row in rows if row is not None]
        assert plainly(column) == plainly(read_column(rows, "days"))
        assert set(coded_axis(column, "day").labels) == {row.isoformat() for row in known}

    def test_numbers_are_not_copied(self) -> None:
        """A column of numbers without a gap is the buffer itself."""
        data = pa.array(np.arange(10))
        assert np.shares_memory(read_column(data, "n").values, data.to_numpy())

    @pytest.mark.parametrize("made", [pl.DataFrame, pa.table])
    def test_the_table_may_go(self, made: Any) -> None:
        """Numbers that were not copied stay what they are when the table is gone."""
        for shift in range(20):
            opened = open_data(Stream(made({"n": np.arange(20_000) + shift})), "the data")
            assert isinstance(opened, Frame)
            column = opened.column("n", "n")
            del opened
            gc.collect()
            others = [np.full(20_000, 7) for _ in range(10)]
            assert (column.values == np.arange(20_000) + shift).all()
            del others

    def test_a_table_with_a_slice(self) -> None:
        """A part of a table has its own rows in every column, with their gaps."""
        whole = pa.table(
            {
                "n": pa.array([1, None, 3, 4]),
                "t": pa.array(["a", "b", None, "d"]),
                "b": pa.array([True, None, False, True]),
                "d": pa.array(["x", "y", "x", None]).dictionary_encode(),
            }
        )
        opened = open_data(Stream(whole.slice(1, 3)), "the data")
        assert isinstance(opened, Frame)
        for name in whole.column_names:
            rows = whole.column(name).to_pylist()[1:]
            column = opened.column(name, name)
            assert [None if gone else value for value, gone in _pairs(column)] == rows


class Stream:
    """Speaks Arrow's stream protocol and nothing else."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        capsule: object = self.table.__arrow_c_stream__(requested_schema)
        return capsule
